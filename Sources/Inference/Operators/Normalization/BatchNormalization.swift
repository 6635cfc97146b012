import Tensors

/// ONNX BatchNormalization (Ioffe and Szegedy 2015) with trained statistics: `(x - mean) / √(variance + ε) * scale + bias` in each
/// channel.
///
/// Inputs: x [N, C, …]; scale, bias, mean, variance, each [C]. Output: x's shape.
package struct BatchNormalization: Operator {
  /// ε, added to the variance.
  package var epsilon: Float

  package init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  package var kind: LayerKind { .normalization }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .pointwise }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    guard type.shape.rank >= 2 else { throw OperatorError("needs an input of at least 2 axes, not \(type.shape)") }
    for (index, what) in ["scale", "bias", "mean", "variance"].enumerated() {
      try checkVector(inputs, index + 1, what, count: type.shape[1])
    }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let views = inputs.compactMap { $0?.reals }
    guard let shape = inputs[0]?.shape, views.count == 5 else { return }
    let (xs, ys) = (views[0], outputs[0].reals)
    let extent = shape.dimensions[2...].reduce(1, *)
    for index in xs.indices {
      let c = index / extent % shape[1]
      let factor = views[1][c] / (views[4][c] + Double(epsilon)).squareRoot()
      ys[index] = (xs[index] - views[3][c]) * factor + views[2][c]
    }
  }
}

/// Throws `OperatorError` unless the input at `index` is float32 of shape [count].
func checkVector(_ inputs: [OperatorInput?], _ index: Int, _ what: String, count: Int) throws {
  let type = try required(inputs, index, what).type
  guard type == TensorType(.float32, [count]) else {
    throw OperatorError("has a \(what) of \(type) where float32 \(count) is needed")
  }
}
