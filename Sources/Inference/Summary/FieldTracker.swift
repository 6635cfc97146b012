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
    let shapes = graph.inputShapes(of: node)
    if let window = node.op.window(shapes), shapes[0].rank >= 3 {
      return first.sliding(window, input: Planar(shapes[0]).spatial)
    }
    if let op = node.op as? any ShiftsPositions {
      let rank = graph.values[inputs[0]].type?.shape.rank ?? 0
      return op.shifts(graph.constants(of: node), rank: rank).flatMap { moved(first, $0, rank: rank) }
    }
    let combined = known.dropFirst().reduce(first as ReceptiveField?) { $0?.union($1) }
    switch node.op.positionSource {
    case .same: return combined
    case .all: return .whole(picture)
    case .sameExtents: return hasSameExtents(node, inputs) ? combined : .whole(picture)
    case .between: return hasSameExtents(node, inputs) ? combined : nil
    }
  }

  /// True when the output has as many rows and columns as each of these inputs, or they have but one position.
  private func hasSameExtents(_ node: Node, _ inputs: [ValueID]) -> Bool {
    guard let output = node.outputs.first ?? nil, let after = graph.values[output].type?.shape else { return false }
    return inputs.allSatisfy { input in
      guard let before = graph.values[input].type?.shape, before.rank >= 2 else { return false }
      // [N, C, 1, 1] → [N, C] and broadcast gates have nothing to move.
      if fields[input]?.height.stride == 0 { return true }
      return after.rank >= 3 && before[-1] == after[-1] && before[-2] == after[-2]
    }
  }

  /// The field after cutting or padding along some axes; only the last two are those of the picture.
  private func moved(
    _ field: ReceptiveField, _ shifts: [(axis: Int, shift: (pad: Int, step: Int)?)], rank: Int
  ) -> ReceptiveField? {
    var field = field
    for (axis, shift) in shifts where axis >= rank - 2 {
      guard let (pad, step) = shift else { return nil }
      if axis == rank - 2 {
        field.height = field.height.sliding(kernel: 1, dilation: 1, step: step, pad: pad)
      } else {
        field.width = field.width.sliding(kernel: 1, dilation: 1, step: step, pad: pad)
      }
    }
    return field
  }
}
