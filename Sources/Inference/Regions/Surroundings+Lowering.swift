import Tensors

extension Surroundings: Lowerable {
  /// Few channels row-major, for the kernels that read planes; more of them blocked.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let x = builder.picture(input),
      let y = builder.picture(output)
    else { return false }
    let isBlocked = x.channels > 4
    let source = isBlocked ? try builder.blocked(input) : try builder.plain(input)
    let target = isBlocked ? builder.newBlocked(output, y) : builder.newPlain(output)
    let (map, storage) = (map, isBlocked ? map.keepBlocked() : nil)
    let work = SurroundingsWork(self, planes: isBlocked ? x.blocks : x.channels, lanes: isBlocked ? 16 : 1)
    let planes = x.batch * (isBlocked ? x.blocks : x.channels)
    builder.addStep(builder.describe(node, "copy", isBlocked ? .blocked : .plain), [source, target]) { memory in
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
