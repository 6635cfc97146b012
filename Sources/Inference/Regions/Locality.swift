import Tensors

extension Locality {
  /// How a node of a graph carries changes of some positions of its inputs to its output.
  /// - Parameter inputs: the node's inputs that are computed.
  init(_ node: Node, _ inputs: [ValueID], in graph: Graph) {
    self = .everything
    guard node.outputs.dropFirst().allSatisfy({ $0 == nil }), let output = node.outputs.first ?? nil,
      let map = Self.map(output, graph), inputs.allSatisfy({ Self.map($0, graph) != nil })
    else { return }
    let constants = graph.constants(of: node).compactMap { $0?.shape }
    switch node.op.locality(graph.inputShapes(of: node), constants: constants) {
    case .window(let window, let padding) where inputs.count == 1 && inputs[0] == node.inputs[0]:
      self = .window(window, padding: padding)
    case .pointwise where inputs.allSatisfy({ Self.map($0, graph) == map }): self = .pointwise
    default: break
    }
  }

  /// The extents of a float32 map [N, C, H, W]; nil for other values.
  static func map(_ value: ValueID, _ graph: Graph) -> Spatial? {
    guard let type = graph.values[value].type, type.element == .float32, type.shape.rank == 4,
      type.shape.dimensions.allSatisfy({ $0 > 0 })
    else { return nil }
    return Planar(type.shape).spatial
  }
}
