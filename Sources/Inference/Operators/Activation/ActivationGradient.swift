import CKernels
import Tensors

/// A function of single elements with a derivative.
protocol DifferentiableFunction: Differentiable {
  /// True when the derivative is computed from the function's output, which a plan has in any case; false: from its input.
  var derivativeReadsOutput: Bool { get }

  /// The derivative where the output, or else the input, is `value`.
  func derivative(at value: Double) -> Double

  /// True for functions that cut off what is negative, which guided backpropagation treats apart.
  var isRectifier: Bool { get }

  /// Where the output must lie for the derivative to be 1, when it is 0 elsewhere; nil for other functions.
  var gate: Gate? { get }

  /// The derivative in the kernels' form; nil when no kernel has it.
  var kernelSlope: fovea_slope? { get }
}

extension DifferentiableFunction {
  var derivativeReadsOutput: Bool { false }
  var isRectifier: Bool { false }
  var gate: Gate? { nil }
  var kernelSlope: fovea_slope? { gate.map { .init($0) } }
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
      // Where the slope is 0 the result is 0, also for an infinite gradient.
      return slope == 0 ? 0 : g * slope
    }
  }
}

/// The slope of a function times a gradient that is one number for each channel. Inputs: [N, C, 1, 1] and [N, C, H, W].
struct SpreadSlope: Operator {
  var slope: ActivationGradient
  var name: String { slope.name }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try required(inputs, 1, "value").type] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let small = inputs[0], let value = inputs[1] else { return }
    combineBroadcast(small, small, outputs[0]) { (x: Float, _: Float) in x }
    slope.forward([outputs[0], value], outputs)
  }
}
