import Tensors

/// Follows the receptive field of every value through a specialised graph.
struct FieldTracker {
  private let graph: Graph
  private let picture: Spatial
  private var fields: [ReceptiveField?]

  /// Starts at the network's first input, [N, C, H, W]; nil when there is no such input.
  init?(_ graph: Graph) {
    guard let input = graph.inputs.first, let shape = graph.values[input.value].type?.shape, shape.rank == 4 else {
      return nil
    }
    self.graph = graph
    picture = Spatial(shape[2], shape[3])
    fields = Array(repeating: nil, count: graph.values.count)
    fields[input.value] = .pixel
  }

  /// The field of the node's first output, and of all its outputs from now on; nil where it cannot be said.
  mutating func advance(over node: Node) -> ReceptiveField? {
    let field = field(of: node)
    for case let output? in node.outputs { fields[output] = field }
    return field
  }

  private func field(of node: Node) -> ReceptiveField? {
    let inputs = node.inputs.compactMap { $0 }.filter { graph.values[$0].constant == nil }
    let known = inputs.compactMap { fields[$0] }
    guard let first = known.first, known.count == inputs.count else { return nil }
    if let window = graph.window(of: node), let extent = graph.spatial(node.inputs[0]) {
      return first.sliding(window, input: extent)
    }
    let rank = graph.values[inputs[0]].type?.shape.rank ?? 0
    if let pad = node.op as? Pad { return padded(first, node, pad, rank: rank) }
    if let slice = node.op as? SliceOperator { return sliced(first, node, slice, rank: rank) }
    let combined = known.dropFirst().reduce(first as ReceptiveField?) { $0?.union($1) }
    return keepsPositions(node, inputs) ? combined : mixing(node, combined)
  }

  /// A value whose positions are not those of its inputs: everything is seen, unless there was but one position.
  private func mixing(_ node: Node, _ field: ReceptiveField?) -> ReceptiveField? {
    // Positions of resized maps and of transposed convolutions lie between those of their inputs.
    if node.op is Resize || node.op is ConvTranspose || node.op is DepthToSpace || node.op is SpaceToDepth {
      return nil
    }
    return .whole(picture)
  }

  private func keepsPositions(_ node: Node, _ inputs: [ValueID]) -> Bool {
    if node.op is Transpose { return true }
    guard let output = node.outputs.first ?? nil, let after = graph.values[output].type?.shape else { return false }
    if node.op is MatMul || node.op is Gemm { return false }
    return inputs.allSatisfy { input in
      guard let before = graph.values[input].type?.shape, before.rank >= 2 else { return false }
      // [N, C, 1, 1] → [N, C] and broadcast gates have nothing to move.
      if fields[input]?.height.stride == 0 { return true }
      return after.rank >= 3 && before[-1] == after[-1] && before[-2] == after[-2]
    }
  }

  private func padded(_ field: ReceptiveField, _ node: Node, _ pad: Pad, rank: Int) -> ReceptiveField? {
    guard let pads = pad.pads ?? integers(node, 1) else { return nil }
    let axes = integers(node, 3) ?? Array(0..<rank)
    return moved(field, axes, rank: rank) { index in (pad: pads[index], step: 1) }
  }

  private func sliced(_ field: ReceptiveField, _ node: Node, _ slice: SliceOperator, rank: Int) -> ReceptiveField? {
    guard let starts = slice.box?.starts ?? integers(node, 1) else { return nil }
    let axes = (slice.box == nil ? integers(node, 3) : slice.box?.axes) ?? Array(starts.indices)
    let steps = slice.box == nil ? integers(node, 4) : nil
    return moved(field, axes, rank: rank) { index in
      let step = steps?[index] ?? 1
      return step > 0 && starts[index] >= 0 ? (pad: -starts[index], step: step) : nil
    }
  }

  /// The field after cutting or padding along some axes; only the last two are those of the picture.
  private func moved(
    _ field: ReceptiveField, _ axes: [Int], rank: Int, _ change: (Int) -> (pad: Int, step: Int)?
  ) -> ReceptiveField? {
    var field = field
    for (index, axis) in axes.enumerated() {
      let fromEnd = axis < 0 ? axis : axis - rank
      guard fromEnd >= -2 else { continue }
      guard let (pad, step) = change(index) else { return nil }
      if fromEnd == -2 {
        field.height = field.height.sliding(kernel: 1, dilation: 1, step: step, pad: pad)
      } else {
        field.width = field.width.sliding(kernel: 1, dilation: 1, step: step, pad: pad)
      }
    }
    return field
  }

  private func integers(_ node: Node, _ index: Int) -> [Int]? {
    guard index < node.inputs.count, let input = node.inputs[index] else { return nil }
    return try? graph.values[input].constant?.integers("axes")
  }
}
