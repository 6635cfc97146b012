import CKernels
import Foundation
import Tensors

extension Relu: DifferentiableFunction {
  var derivativeReadsOutput: Bool { true }
  var isRectifier: Bool { true }
  var gate: Gate? { Gate(low: 0, high: .infinity) }
  func derivative(at y: Double) -> Double { y > 0 ? 1 : 0 }
}

extension LeakyRelu: DifferentiableFunction {
  /// The output has the input's sign unless the slope is negative.
  var derivativeReadsOutput: Bool { alpha >= 0 }
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_BENT, 0, alpha, 1) }
  func derivative(at value: Double) -> Double { value > 0 ? 1 : Double(alpha) }
}

extension ThresholdedRelu: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(Gate(low: alpha, high: .infinity)) }
  func derivative(at x: Double) -> Double { x > Double(alpha) ? 1 : 0 }
}

extension Elu: DifferentiableFunction {
  var derivativeReadsOutput: Bool { alpha >= 0 }
  var kernelSlope: fovea_slope? { derivativeReadsOutput ? .init(FOVEA_SLOPE_BENT, 1, alpha, 1) : nil }
  func derivative(at value: Double) -> Double {
    if value > 0 { return 1 }
    return alpha >= 0 ? value + Double(alpha) : Double(alpha) * exp(value)
  }
}

extension Celu: DifferentiableFunction {
  var derivativeReadsOutput: Bool { alpha > 0 }
  var kernelSlope: fovea_slope? { derivativeReadsOutput ? .init(FOVEA_SLOPE_BENT, 1 / alpha, 1, 1) : nil }
  func derivative(at value: Double) -> Double {
    if value > 0 { return 1 }
    return alpha > 0 ? value / Double(alpha) + 1 : exp(value / Double(alpha))
  }
}

extension Selu: DifferentiableFunction {
  var derivativeReadsOutput: Bool { alpha >= 0 && gamma > 0 }
  var kernelSlope: fovea_slope? { derivativeReadsOutput ? .init(FOVEA_SLOPE_BENT, 1, gamma * alpha, gamma) : nil }
  func derivative(at value: Double) -> Double {
    if value > 0 { return Double(gamma) }
    let limit = Double(gamma) * Double(alpha)
    return derivativeReadsOutput ? value + limit : limit * exp(value)
  }
}

extension Clip: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    let low = scope.optionalInput(1).map { scope.builder.graph.values[$0].constant } ?? Tensor([minimum], [1])
    let high = scope.optionalInput(2).map { scope.builder.graph.values[$0].constant } ?? Tensor([maximum], [1])
    if let low, let high, !scope.wants(1), !scope.wants(2) {
      let clamp = Clamp(minimum: low.view.floats[0], maximum: high.view.floats[0])
      return try scope.give(functionGradient(of: clamp, scope), to: 0)
    }
    // Computed bounds: elements between them pass their gradient on, the others give it to the bound.
    let (g, zero) = (scope.gradient(), scope.number(0))
    let isInside = try scope.add(Equal(), [scope.input(0), scope.output()])
    try scope.give(scope.add(Where(), [isInside, g, zero]), to: 0)
    for bound in 1...2 where scope.wants(bound) {
      let relation: any Operator = bound == 1 ? Less() : Greater()
      let isBeyond = try scope.add(relation, [scope.input(0), scope.input(bound)])
      try scope.give(scope.add(Where(), [isBeyond, g, zero]), to: bound)
    }
  }
}

/// Clip between known bounds.
struct Clamp: DifferentiableFunction {
  var minimum: Float, maximum: Float

  var name: String { "Clip" }
  var derivativeReadsOutput: Bool { true }
  var isRectifier: Bool { minimum == 0 }
  var gate: Gate? { Gate(low: minimum, high: maximum) }
  func derivative(at y: Double) -> Double { y > Double(minimum) && y < Double(maximum) ? 1 : 0 }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    Clip(minimum: minimum, maximum: maximum).forward([inputs[0]], outputs)
  }
}

extension PRelu: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    let (x, slope, g) = (scope.input(0), scope.input(1), scope.gradient())
    let isNegative = try scope.add(Less(), [x, scope.number(0)])
    if scope.wants(0) {
      let factor = try scope.add(Where(), [isNegative, slope, scope.number(1)])
      try scope.give(scope.add(Mul(), [g, factor]), to: 0)
    }
    if scope.wants(1) {
      let share = try scope.add(Where(), [isNegative, scope.add(Mul(), [g, x]), scope.number(0)])
      try scope.give(share, to: 1)
    }
  }
}
