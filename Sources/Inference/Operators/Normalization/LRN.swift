import Foundation
import Tensors

/// ONNX LRN, local response normalisation across channels (Krizhevsky et al. 2012, section 3.3):
/// `x / (bias + alpha / size * Σ x²)^beta`, the sum over `size` neighbouring channels, `(size - 1) / 2` of them before.
///
/// Input: [N, C, …] of float32. Output: the same shape.
package struct LRN: Operator {
  /// The number of channels in a sum.
  package var size: Int
  /// The factor on the mean of the squares.
  package var alpha: Float
  package var beta: Float
  /// What is added before the power.
  package var bias: Float

  package init(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, bias: Float = 1) {
    (self.size, self.alpha, self.beta, self.bias) = (size, alpha, beta, bias)
  }

  package var kind: LayerKind { .normalization }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .pointwise }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    guard type.shape.rank >= 3 else { throw OperatorError("needs an input of at least 3 axes, not \(type.shape)") }
    guard size > 0 else { throw OperatorError("has the size \(size)") }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let (xs, ys) = (x.reals, outputs[0].reals)
    let channels = x.shape[1]
    let plane = x.shape.dimensions[2...].reduce(1, *)
    for index in xs.indices {
      let c = index / plane % channels
      let neighbours = max(0, c - (size - 1) / 2)...min(channels - 1, c + size / 2)
      let squares = neighbours.reduce(0.0) { sum, other in
        let value = xs[index + (other - c) * plane]
        return sum + value * value
      }
      ys[index] = xs[index] / pow(Double(bias) + Double(alpha) / Double(size) * squares, Double(beta))
    }
  }
}
