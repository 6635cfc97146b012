import Tensors

/// What a layer weighs and costs.
struct LayerCost {
  /// Learned numbers: weights and biases, not the running statistics of a batch normalisation.
  let parameters: Int
  /// Multiply-adds of convolutions and matrix products; other operators count as none.
  let multiplyAdds: Int

  init(_ node: Node, in graph: Graph) {
    parameters = zip(node.inputs.indices, graph.constants(of: node)).reduce(0) { sum, input in
      guard let constant = input.1, constant.type.isFloatingPoint, node.op.learns(input.0, constant.shape) else {
        return sum
      }
      return sum + constant.shape.count
    }
    let output = (node.outputs.first ?? nil).flatMap { graph.values[$0].type?.shape }
    multiplyAdds = node.inputs.count < 2 ? 0 : output.map { node.op.multiplyAdds(graph.inputShapes(of: node), $0) } ?? 0
  }
}
