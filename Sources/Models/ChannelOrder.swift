import Inference
import Tensors

/// Where an input of four axes has its channels, told by the first operators that read it.
///
/// Extents alone do not tell where they are open: [N, ?, ?, 3] is a picture with its channels last, [N, ?, ?, ?] may be either.
struct ChannelOrder {
  enum Order { case first, last }

  /// Nil where the operators do not tell.
  private(set) var order: Order?
  /// The channels that the first convolution reads; nil where it is not known.
  private(set) var channels: Int?

  private static let mostSteps = 64

  init(_ graph: Graph) {
    guard let input = graph.inputs.first else { return }
    var (value, steps) = (input.value, 0)
    while steps < Self.mostSteps {
      steps += 1
      guard let node = graph.nodes.first(where: { $0.inputs.contains(value) }) else { return }
      if let transpose = node.op as? Transpose {
        order = transpose.permutation == [0, 3, 1, 2] ? .last : transpose.permutation == [0, 2, 3, 1] ? .first : nil
        return
      }
      if node.op.kind == .convolution || node.op.kind == .pooling {
        order = .first
        channels =
          node.inputs.count > 1 ? node.inputs[1].flatMap { graph.values[$0].constant?.shape }.flatMap(Self.depth) : nil
        return
      }
      if let told = Self.order(of: node, graph) {
        order = told
        return
      }
      guard Self.isFollowed(node, graph), let output = node.outputs.first ?? nil else { return }
      value = output
    }
  }

  /// What a channel-wise constant tells by the axis that it has its extent in: [3] or [1, 1, 1, 3], and [3, 1, 1] or [1, 3, 1, 1].
  private static func order(of node: Node, _ graph: Graph) -> Order? {
    for case let input? in node.inputs {
      guard let shape = graph.values[input].constant?.shape, shape.count == 3 else { continue }
      if shape.dimensions.last == 3 { return .last }
      if shape.rank >= 3, shape[shape.rank - 3] == 3 { return .first }
    }
    return nil
  }

  /// A function of single elements, of the value alone or with one number.
  private static func isFollowed(_ node: Node, _ graph: Graph) -> Bool {
    let others = node.inputs.dropFirst().compactMap { $0 }
    let areNumbers = others.allSatisfy { (graph.values[$0].constant?.shape.count ?? 0) == 1 }
    return areNumbers && (node.op.keepsElements || node.op.isChannelwise || node.inputs.count == 2)
      && node.op.kind != .linear
  }

  private static func depth(_ weights: Shape) -> Int? { weights.rank == 4 ? weights[1] : nil }
}
