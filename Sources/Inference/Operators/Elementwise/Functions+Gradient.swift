import CKernels
import Foundation
import Tensors

extension Sqrt: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_SQRT) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { 0.5 / y }
}

extension Exp: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_EXP) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { y }
}

extension Log: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_LOG) }
  func derivative(at x: Double) -> Double { 1 / x }
}

extension Sin: DifferentiableFunction {
  func derivative(at x: Double) -> Double { cos(x) }
}

extension Cos: DifferentiableFunction {
  func derivative(at x: Double) -> Double { -sin(x) }
}

extension Neg: DifferentiableFunction {
  var derivativeReadsOutput: Bool { true }
  var relevance: RelevanceRule { .epsilon }
  func derivative(at y: Double) -> Double { -1 }
}

extension Abs: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_ABS) }
  func derivative(at x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
}

extension Reciprocal: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_RECIPROCAL) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { -y * y }
}

/// A function whose derivative is zero wherever it has one.
protocol StepFunction: Differentiable {}

extension StepFunction {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { false }
  func addGradients(_ scope: inout GradientScope) throws {}
}

extension Floor: StepFunction {}
extension Ceil: StepFunction {}
extension Round: StepFunction {}
extension Sign: StepFunction {}
extension Equal: StepFunction {}
extension Greater: StepFunction {}
extension Less: StepFunction {}
extension GreaterOrEqual: StepFunction {}
extension LessOrEqual: StepFunction {}
extension And: StepFunction {}
extension Or: StepFunction {}
extension Xor: StepFunction {}
extension Not: StepFunction {}
extension ShapeOf: StepFunction {}
extension SizeOf: StepFunction {}
extension ConstantOfShape: StepFunction {}
extension RangeOperator: StepFunction {}
extension EyeLike: StepFunction {}
