import Inference
import Tensors

extension Preparation {
  /// A network that scales pictures itself, as Keras' Rescaling layer does, or takes the mean off: what is done there is not done before.
  ///
  /// Told by the first operators: a factor of at most 1/50, a divisor of at least 50 or a mean beyond 2 means values of 0…255; a mean of
  /// three numbers within 0…1, or a deviation of three, means values of 0…1.
  static func network(_ graph: Graph) -> Preparation? {
    guard let input = graph.inputs.first else { return nil }
    var value = input.value
    for _ in 0..<8 {
      let readers = graph.nodes.filter { $0.inputs.contains(value) }
      guard readers.count == 1, let node = readers.first, let output = node.outputs.first ?? nil else { return nil }
      if let found = scaling(node, graph) { return found }
      guard node.op.keepsElements || node.op is Transpose else { return nil }
      value = output
    }
    return nil
  }

  private static func scaling(_ node: Node, _ graph: Graph) -> Preparation? {
    guard node.inputs.count == 2,
      let constant = node.inputs.compactMap({ $0.flatMap { graph.values[$0].constant } }).first,
      constant.type == .float32, constant.shape.count == 1 || constant.shape.count == 3
    else { return nil }
    let sizes = constant.view.floats.map(abs)
    guard let least = sizes.min(), let most = sizes.max(), most > 0 else { return nil }
    let takesBytes: Bool
    switch node.op {
    case is Mul where most <= 0.02: takesBytes = true
    case is Div where least >= 50: takesBytes = true
    case is Sub where most > 2, is Add where most > 2: takesBytes = true
    case is Sub where sizes.count == 3, is Add where sizes.count == 3, is Div where sizes.count == 3: takesBytes = false
    default: return nil
    }
    var found = Preparation(.graph, "the network itself")
    found.takeBytes(times: takesBytes ? 1 : 1 / 255)
    return found
  }
}
