import Tensors

/// An operator with what follows it element by element: a bias that another node adds, a sum with another value, an activation.
///
/// Inputs: those of `base`, then the added value when `addsResidual`. Output: `activation(base(...) + residual)`.
struct Fused: Operator {
  /// The operator that does the work.
  var base: any Operator
  /// True when the last input is added to the base's output; it has the same shape.
  var addsResidual = false
  /// What is applied last.
  var activation: (any Operator)?

  var name: String {
    ([base.name] + (addsResidual ? ["Add"] : []) + (activation.map { [$0.name] } ?? [])).joined(separator: "+")
  }

  var tolerance: Float { base.tolerance }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try base.outputTypes(for: addsResidual ? inputs.dropLast() : inputs)
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    base.forward(addsResidual ? inputs.dropLast() : inputs, outputs)
    let y = outputs[0].reals
    if addsResidual, let last = inputs.last, let residual = last?.reals {
      for i in y.indices { y[i] += residual[i] }
    }
    activation?.forward([outputs[0]], [outputs[0]])
  }
}

extension Node {
  /// The operator that does the work, without what is fused to it.
  var baseOperator: any Operator { (op as? Fused)?.base ?? op }

  /// The inputs of `baseOperator`.
  var baseInputs: [ValueID?] { residual == nil ? inputs : inputs.dropLast() }

  /// The value that is added before the activation.
  var residual: ValueID? {
    guard let fused = op as? Fused, fused.addsResidual, let last = inputs.last else { return nil }
    return last
  }

  /// The operator applied last.
  var activation: (any Operator)? { (op as? Fused)?.activation }
}
