import Tensors

/// How an operator carries a change of some positions of its inputs to its output.
enum Locality {
  /// Each output position sees a window of the only map that it reads. What it needs outside the map has this value.
  case window(Window, padding: Float)
  /// Each output position sees the same position of its inputs.
  case pointwise
  /// Anything may change anything.
  case everything

  /// Operators that treat each position of a [N, C, H, W] map by itself, whatever its neighbours are.
  private static let positionwise: Set<String> = [
    "Add", "Sub", "Mul", "Div", "Sum", "Min", "Max", "Mean", "PRelu", "Pow", "BatchNormalization", "LRN", "Identity",
    "Dropout", "Concat", "Relu", "Clip", "LeakyRelu", "HardSigmoid", "HardSwish", "Elu", "Selu", "Celu", "Sigmoid",
    "Swish", "Gelu", "Erf", "Tanh", "Softplus", "Mish", "Softsign", "ThresholdedRelu", "Exp", "Log", "Sqrt", "Abs",
    "Neg", "Reciprocal", "Floor", "Ceil", "Round", "Sign",
  ]

  /// - Parameter inputs: the node's inputs that are computed.
  init(_ node: Node, _ inputs: [ValueID], in graph: Graph) {
    self = .everything
    guard node.outputs.dropFirst().allSatisfy({ $0 == nil }), let output = node.outputs.first ?? nil,
      let map = Self.map(output, graph), inputs.allSatisfy({ Self.map($0, graph) != nil })
    else { return }
    if let window = Self.window(node, graph) {
      self = window
    } else if Self.positionwise.contains(node.op.name), inputs.allSatisfy({ Self.map($0, graph) == map }),
      Self.isSpatiallyConstant(node, graph)
    {
      self = .pointwise
    }
  }

  /// The extents of a float32 map [N, C, H, W]; nil for other values.
  static func map(_ value: ValueID, _ graph: Graph) -> Spatial? {
    guard let type = graph.values[value].type, type.element == .float32, type.shape.rank == 4,
      type.shape.dimensions.allSatisfy({ $0 > 0 })
    else { return nil }
    return Planar(type.shape).spatial
  }

  private static func window(_ node: Node, _ graph: Graph) -> Locality? {
    guard let window = graph.window(of: node) else { return nil }
    switch node.op {
    case is Conv:
      let isFixed = node.inputs.dropFirst().allSatisfy { $0.map { graph.values[$0].constant != nil } ?? true }
      return isFixed ? .window(window, padding: 0) : nil
    case is MaxPool: return .window(window, padding: -Float.greatestFiniteMagnitude)
    case let pool as AveragePool:
      // The divisor must be the same everywhere.
      guard let map = graph.spatial(node.inputs[0]) else { return nil }
      let isWhole = pool.countsPadding || window.resolvedPads(input: map) == .none
      return isWhole && !window.ceilMode ? .window(window, padding: 0) : nil
    default: return nil
    }
  }

  /// No constant that the node reads differs from position to position, and what it joins are channels.
  private static func isSpatiallyConstant(_ node: Node, _ graph: Graph) -> Bool {
    if let concat = node.op as? Concat, concat.axis != 1, concat.axis != -3 { return false }
    if node.op is BatchNormalization { return true }
    return node.inputs.allSatisfy { input in
      guard let shape = input.flatMap({ graph.values[$0].constant })?.shape, shape.count > 1 else { return true }
      return shape.rank >= 2 && shape[-1] == 1 && shape[-2] == 1
    }
  }
}

extension Node {
  /// The node for windows that bring their padding along.
  func withoutPadding() -> Node {
    var node = self
    switch op {
    case var conv as Conv:
      conv.padding = .valid
      node.op = conv
    case var pool as MaxPool:
      (pool.window.padding, pool.window.ceilMode) = (.valid, false)
      node.op = pool
    case var pool as AveragePool:
      pool.window.padding = .valid
      node.op = pool
    default: break
    }
    return node
  }
}
