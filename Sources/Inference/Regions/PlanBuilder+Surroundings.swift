import Tensors

extension PlanBuilder {
  /// Surroundings: few channels row-major, for the kernels that read planes; more of them blocked.
  mutating func addSurroundings(_ node: Node) throws -> Bool {
    guard let op = node.op as? Surroundings, let input = node.inputs[0], let output = node.outputs[0],
      let x = picture(input), let y = picture(output)
    else { return false }
    let isBlocked = x.channels > 4
    let source = isBlocked ? try blocked(input) : try plain(input)
    let target = isBlocked ? newBlocked(output, y) : newPlain(output)
    let map = op.map
    let storage = isBlocked ? map.keepBlocked() : nil
    let work = SurroundingsWork(op, planes: isBlocked ? x.blocks : x.channels, lanes: isBlocked ? 16 : 1)
    let planes = x.batch * (isBlocked ? x.blocks : x.channels)
    addStep(
      describe(node, "copy", isBlocked ? .blocked : .plain), [source, target]
    ) { memory in
      let (from, to) = (memory.floats(source), memory.floats(target))
      return { part, parts in
        let base =
          storage.map { $0.bytes.baseAddress?.assumingMemoryBound(to: Float.self) } ?? map.plain?.floats.baseAddress
        guard let base else { return }
        work.run(planes * part / parts..<planes * (part + 1) / parts, UnsafePointer(base), UnsafePointer(from), to)
      }
    }
    return true
  }
}
