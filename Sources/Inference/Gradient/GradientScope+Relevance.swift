import Tensors

extension GradientScope {
  /// The relevance of the node's inputs, from that of its outputs.
  mutating func addRelevance(_ op: any Differentiable, _ epsilon: Float) throws {
    switch op.relevance {
    case .routed: try op.addGradients(&self)
    case .passed: try give(gradient(), to: 0)
    case .epsilon: try addEpsilonRule(op, epsilon)
    }
  }

  private mutating func addEpsilonRule(_ op: any Differentiable, _ epsilon: Float) throws {
    let share = try add(RelevanceShare(epsilon: epsilon), [gradient(), output()])
    var inner = GradientScope(
      node: node, rule: .standard, outputGradients: [share], wanted: wanted, builder: builder)
    try op.addGradients(&inner)
    // Both factors of a product explain all of it: each gets half (Achtibat et al. 2024, proposition 3.3).
    let factors = op is Mul && wanted.count == 2 ? number(0.5) : nil
    for (index, gradient) in inner.inputGradients.sorted(by: { $0.key < $1.key }) {
      let relevance = try add(Mul(), [gradient, input(index)])
      try give(factors.map { try add(Mul(), [relevance, $0]) } ?? relevance, to: index)
    }
  }
}

/// R / (z + ε sign z) with sign 0 = 1, and 0 where that is 0 / 0 (Bach et al. 2015, equation 58).
struct RelevanceShare: Operator {
  var epsilon: Float

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let relevance = inputs[0], let z = inputs[1] else { return }
    let epsilon = Double(epsilon)
    zipElements(relevance, z, outputs[0]) { r, z in
      let divisor = z + (z < 0 ? -epsilon : epsilon)
      return divisor == 0 ? 0 : r / divisor
    }
  }
}
