import CKernels
import Tensors

/// What QuantizeLinear and DequantizeLinear with one scale do together: the nearest of the levels `step * low` to `step * high`, halves to
/// even. NaN stays NaN.
struct FakeQuantize: Activation {
  /// The distance of two levels: the scale.
  var step: Float
  /// The first and the last level, in steps: what the quantised type holds, less the zero point.
  var low: Float, high: Float

  func value(at x: Double) -> Double {
    let level = (Float(x) / step).rounded(.toNearestOrEven)
    return level.isNaN ? .nan : Double(min(max(level, low), high) * step)
  }
}

/// Straight-through (Bengio, Leonard, Courville 2013): rounding passes a gradient on; beyond the outermost levels nothing passes.
extension FakeQuantize: DifferentiableFunction {
  private var inside: Gate { Gate(low: (low - 0.5) * step, high: (high + 0.5) * step) }
  var kernelSlope: fovea_slope? { .init(inside) }
  func derivative(at x: Double) -> Double { inside.passes(x) ? 1 : 0 }
}
