import Tensors

/// A function of single elements with a derivative.
protocol DifferentiableFunction: Differentiable {
  /// True when the derivative is computed from the function's output, which a plan has in any case; false: from its input.
  var derivativeReadsOutput: Bool { get }

  /// The derivative where the output, or else the input, is `value`.
  func derivative(at value: Double) -> Double

  /// True for functions that cut off what is negative, which guided backpropagation treats apart.
  var isRectifier: Bool { get }
}

extension DifferentiableFunction {
  var derivativeReadsOutput: Bool { false }
  var isRectifier: Bool { false }
  var relevance: RelevanceRule { .passed }

  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(functionGradient(of: self, scope), to: 0)
  }
}

/// The gradient of a function by the scope's rule: `g · f'`, and for rectifiers under guided backpropagation and deconvolution
/// only what is positive.
func functionGradient(of function: any DifferentiableFunction, _ scope: GradientScope) throws -> ValueID {
  var gradient = scope.gradient()
  if function.isRectifier {
    if scope.rule == .guided || scope.rule == .deconvnet { gradient = try scope.add(Relu(), [gradient]) }
    if scope.rule == .deconvnet { return gradient }
  }
  let value = function.derivativeReadsOutput ? scope.output() : scope.input(0)
  return try scope.add(ActivationGradient(of: function), [gradient, value])
}

/// `g · f'(v)`, element by element. Inputs: g; v, the function's output or input as `derivativeReadsOutput` says, of one shape.
struct ActivationGradient: Operator {
  var function: any DifferentiableFunction

  init(of function: any DifferentiableFunction) { self.function = function }

  var name: String { "\(function.name)Gradient" }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let gradient = inputs[0], let value = inputs[1] else { return }
    zipElements(gradient, value, outputs[0]) { g, v in
      let slope = function.derivative(at: v)
      // Where nothing passes, nothing does: not even what is infinite.
      return slope == 0 ? 0 : g * slope
    }
  }
}
