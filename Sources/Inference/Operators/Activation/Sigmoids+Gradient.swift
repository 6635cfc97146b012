import CKernels
import Foundation
import Tensors

/// `1 / (1 + exp(-x))`.
private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// The density of the normal distribution.
private func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

extension Sigmoid: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_SIGMOID) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { y * (1 - y) }
}

extension HardSigmoid: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(Gate(low: 0, high: 1), factor: alpha) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { y > 0 && y < 1 ? Double(alpha) : 0 }
}

extension HardSwish: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_HARD_SWISH) }
  func derivative(at x: Double) -> Double { x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5 }
}

extension Swish: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_SILU, alpha) }
  func derivative(at x: Double) -> Double {
    let s = logistic(Double(alpha) * x)
    return s * (1 + Double(alpha) * x * (1 - s))
  }
}

extension Gelu: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(usesTanh ? FOVEA_SLOPE_GELU_TANH : FOVEA_SLOPE_GELU_ERF) }
  func derivative(at x: Double) -> Double {
    guard usesTanh else { return 0.5 * (1 + erf(x / 2.0.squareRoot())) + x * density(x) }
    let factor = (2 / Double.pi).squareRoot()
    let t = tanh(factor * (x + 0.044715 * x * x * x))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * factor * (1 + 3 * 0.044715 * x * x)
  }
}

extension Erf: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_ERF) }
  func derivative(at x: Double) -> Double { 2 / Double.pi.squareRoot() * exp(-x * x) }
}

extension Tanh: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_TANH) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { 1 - y * y }
}

extension Softplus: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_SOFTPLUS) }
  var derivativeReadsOutput: Bool { true }
  func derivative(at y: Double) -> Double { -expm1(-y) }
}

extension Softsign: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_SOFTSIGN) }
  func derivative(at x: Double) -> Double { 1 / ((1 + abs(x)) * (1 + abs(x))) }
}

extension Mish: DifferentiableFunction {
  var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_MISH) }
  func derivative(at x: Double) -> Double {
    let t = tanh(max(x, 0) + log1p(exp(-abs(x))))
    return t + x * (1 - t * t) * logistic(x)
  }
}
