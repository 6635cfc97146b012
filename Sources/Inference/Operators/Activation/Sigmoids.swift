import Foundation
import Tensors

/// `1 / (1 + exp(-x))`.
private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// `log(1 + exp(x))`, without overflow.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// ONNX Sigmoid: `1 / (1 + exp(-x))`.
package struct Sigmoid: Activation {
  package init() {}
  package var scoreForm: ScoreForm? { .probabilities }
  package func value(at x: Double) -> Double { logistic(x) }
}

/// ONNX HardSigmoid: `max(0, min(1, alpha * x + beta))`.
package struct HardSigmoid: Activation {
  package var alpha: Float
  /// The value at zero.
  package var beta: Float
  package init(alpha: Float = 0.2, beta: Float = 0.5) { (self.alpha, self.beta) = (alpha, beta) }
  package var scoreForm: ScoreForm? { .probabilities }
  package func value(at x: Double) -> Double { max(0, min(1, Double(alpha) * x + Double(beta))) }
}

/// ONNX HardSwish (Howard et al. 2019): `x * max(0, min(1, x / 6 + 0.5))`.
package struct HardSwish: Activation {
  package init() {}
  package func value(at x: Double) -> Double { x * max(0, min(1, x / 6 + 0.5)) }
}

/// ONNX Swish, also called SiLU (Ramachandran et al. 2017): `x / (1 + exp(-alpha * x))`.
package struct Swish: Activation {
  /// The factor inside the logistic function; 1 for SiLU.
  package var alpha: Float
  package init(alpha: Float = 1) { self.alpha = alpha }
  package func value(at x: Double) -> Double { x * logistic(Double(alpha) * x) }
}

/// ONNX Gelu (Hendrycks and Gimpel 2016): `x * Φ(x)`.
package struct Gelu: Activation {
  /// True for `0.5 * x * (1 + tanh(√(2/π) * (x + 0.044715 * x³)))`, false for the exact form with erf.
  package var usesTanh: Bool
  package init(usesTanh: Bool = false) { self.usesTanh = usesTanh }
  package func value(at x: Double) -> Double {
    let inner = usesTanh ? tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)) : erf(x / 2.0.squareRoot())
    return 0.5 * x * (1 + inner)
  }
}

/// ONNX Erf: the error function.
package struct Erf: Activation {
  package init() {}
  package func value(at x: Double) -> Double { erf(x) }
}

/// ONNX Tanh: the hyperbolic tangent.
package struct Tanh: Activation {
  package init() {}
  package func value(at x: Double) -> Double { tanh(x) }
}

/// ONNX Softplus: `log(1 + exp(x))`.
package struct Softplus: Activation {
  package init() {}
  package func value(at x: Double) -> Double { softplus(x) }
}

/// ONNX Softsign: `x / (1 + |x|)`.
package struct Softsign: Activation {
  package init() {}
  package func value(at x: Double) -> Double { x / (1 + abs(x)) }
}

/// ONNX Mish (Misra 2019): `x * tanh(log(1 + exp(x)))`.
package struct Mish: Activation {
  package init() {}
  package func value(at x: Double) -> Double { x * tanh(softplus(x)) }
}
