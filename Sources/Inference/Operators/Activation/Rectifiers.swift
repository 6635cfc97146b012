import Foundation
import Tensors

/// ONNX Relu: `max(x, 0)`.
package struct Relu: Activation {
  package init() {}
  package func value(at x: Double) -> Double { x < 0 ? 0 : x }
}

/// ONNX LeakyRelu: x, and `alpha * x` below zero.
package struct LeakyRelu: Activation {
  /// The slope below zero.
  package var alpha: Float
  package init(alpha: Float = 0.01) { self.alpha = alpha }
  package func value(at x: Double) -> Double { x < 0 ? Double(alpha) * x : x }
}

/// ONNX ThresholdedRelu: x above `alpha`, else 0.
package struct ThresholdedRelu: Activation {
  package var alpha: Float
  package init(alpha: Float = 1) { self.alpha = alpha }
  package func value(at x: Double) -> Double { x > Double(alpha) ? x : 0 }
}

/// ONNX Elu (Clevert et al. 2016): x, and `alpha * (exp(x) - 1)` below zero.
package struct Elu: Activation {
  /// Minus the limit towards minus infinity.
  package var alpha: Float
  package init(alpha: Float = 1) { self.alpha = alpha }
  package func value(at x: Double) -> Double { x < 0 ? Double(alpha) * expm1(x) : x }
}

/// ONNX Celu (Barron 2017): `max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`.
package struct Celu: Activation {
  /// The scale below zero.
  package var alpha: Float
  package init(alpha: Float = 1) { self.alpha = alpha }
  package func value(at x: Double) -> Double { max(0, x) + min(0, Double(alpha) * expm1(x / Double(alpha))) }
}

/// ONNX Selu (Klambauer et al. 2017): `gamma * x`, and `gamma * alpha * (exp(x) - 1)` for x ≤ 0.
package struct Selu: Activation {
  /// The scale below zero.
  package var alpha: Float
  package var gamma: Float
  package init(alpha: Float = 1.67326319217681884765625, gamma: Float = 1.05070102214813232421875) {
    (self.alpha, self.gamma) = (alpha, gamma)
  }
  package func value(at x: Double) -> Double { Double(gamma) * (x > 0 ? x : Double(alpha) * expm1(x)) }
}
