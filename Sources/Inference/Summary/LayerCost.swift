import Tensors

/// What a layer weighs and costs.
struct LayerCost {
  /// Learned numbers: weights and biases, not the running statistics of a batch normalisation.
  let parameters: Int
  /// Multiply-adds of convolutions and matrix products; other operators count as none.
  let multiplyAdds: Int

  init(_ node: Node, in graph: Graph) {
    parameters = Self.parameters(node, graph)
    multiplyAdds = Self.multiplyAdds(node, graph)
  }

  private static func parameters(_ node: Node, _ graph: Graph) -> Int {
    let learned: Range<Int>
    switch node.op.name {
    case "Conv", "ConvTranspose", "Gemm", "InstanceNormalization", "LayerNormalization", "GroupNormalization":
      learned = 1..<3
    // Mean and variance follow scale and bias.
    case "BatchNormalization": learned = 1..<3
    case "PRelu": learned = 1..<2
    case "MatMul", "Add", "Sub", "Mul", "Div": learned = 0..<2
    default: return 0
    }
    return learned.reduce(0) { sum, index in
      guard index < node.inputs.count, let input = node.inputs[index], let constant = graph.values[input].constant,
        // A single number is part of a formula, not learned.
        constant.type.isFloatingPoint, constant.shape.count > 1 || node.op.name == "PRelu"
      else { return sum }
      return sum + constant.shape.count
    }
  }

  private static func multiplyAdds(_ node: Node, _ graph: Graph) -> Int {
    func shape(_ value: ValueID?) -> Shape { value.flatMap { graph.values[$0].type?.shape } ?? [] }
    guard let output = node.outputs.first ?? nil, node.inputs.count >= 2 else { return 0 }
    let out = shape(output).count
    switch node.op {
    // Each output is a sum over C/groups x kH x kW.
    case is Conv: return saturating(out, times: shape(node.inputs[1]).dimensions.dropFirst().reduce(1, *))
    // Each input is spread over M/groups x kH x kW.
    case is ConvTranspose:
      return saturating(
        shape(node.inputs[0]).count, times: shape(node.inputs[1]).dimensions.dropFirst().reduce(1, *))
    case let gemm as Gemm: return saturating(out, times: shape(node.inputs[0])[gemm.transposeA ? 0 : 1])
    case is MatMul: return saturating(out, times: shape(node.inputs[0]).dimensions.last ?? 0)
    default: return 0
    }
  }
}
