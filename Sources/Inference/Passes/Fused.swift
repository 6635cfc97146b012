import Tensors

/// An operator with what follows it element by element: a bias that another node adds, a sum with another value, an activation.
///
/// Inputs: those of `base`, then the added value when `addsResidual`, then the value that a `gate` looks at. Output:
/// `activation(before(base(...)) + residual)`.
struct Fused: Operator {
  /// The operator that does the work.
  var base: any Operator
  /// Applied to the base's output before the sum.
  var before: FakeQuantize?
  /// True when the last input is added to the base's output; it has the same shape.
  var addsResidual = false
  var activation: (any KernelFunction)?
  /// Where the very last input lies outside these bounds, the output is 0 instead.
  var gate: Gate?

  var name: String {
    ([base.name] + (before.map { [$0.name] } ?? []) + (addsResidual ? ["Add"] : [])
      + (activation.map { [$0.name] } ?? []) + (gate == nil ? [] : ["Gate"]))
      .joined(separator: "+")
  }

  var tolerance: Float { base.tolerance }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try base.outputTypes(for: Array(inputs.dropLast(furtherInputs)))
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    base.forward(Array(inputs.dropLast(furtherInputs)), outputs)
    before?.forward([outputs[0]], [outputs[0]])
    let y = outputs[0].reals
    if addsResidual, let residual = inputs[inputs.count - furtherInputs]?.reals {
      for i in y.indices { y[i] += residual[i] }
    }
    activation?.forward([outputs[0]], [outputs[0]])
    guard let gate, let values = inputs[inputs.count - 1]?.reals else { return }
    for i in y.indices where !gate.passes(values[i]) { y[i] = 0 }
  }

  /// Inputs behind those of the base.
  var furtherInputs: Int { (addsResidual ? 1 : 0) + (gate == nil ? 0 : 1) }
}

extension Node {
  /// The operator that does the work, without what is fused to it.
  var baseOperator: any Operator { (op as? Fused)?.base ?? op }

  /// The node without what is fused to its operator, but for its output.
  var base: Node { Node(name: name, op: baseOperator, inputs: baseInputs, outputs: outputs) }

  var baseInputs: [ValueID?] { inputs.dropLast((op as? Fused)?.furtherInputs ?? 0) }

  /// The value that is added before the activation.
  var residual: ValueID? {
    guard let fused = op as? Fused, fused.addsResidual else { return nil }
    return inputs[inputs.count - fused.furtherInputs]
  }

  /// What is applied before it is added.
  var roundingBeforeSum: FakeQuantize? { (op as? Fused)?.before }

  /// The operator applied after that.
  var activation: (any KernelFunction)? { (op as? Fused)?.activation }

  /// What is applied last, and the value that it reads.
  var gate: (bounds: Gate, value: ValueID)? {
    guard let gate = (op as? Fused)?.gate, let last = inputs.last, let value = last else { return nil }
    return (gate, value)
  }
}

/// Bounds for another value: a number is kept where it lies between them, else becomes 0. The derivative of a clamp.
struct Gate: Hashable {
  var low: Float, high: Float

  func passes(_ value: Double) -> Bool { value > Double(low) && value < Double(high) }
}
