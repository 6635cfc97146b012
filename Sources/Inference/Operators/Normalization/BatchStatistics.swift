import Tensors

/// ONNX BatchNormalization in training mode, on numbers that the file holds: `(x - mean) / √(variance + ε) * scale + bias` with the mean
/// and variance of x itself over all axes but the second.
///
/// Networks with standardised weights (NFNet, BiT) are exported so: the normalisation is of the weights, and folded when the network is
/// loaded. Of computed values it would make a picture's scores depend on the others of its batch, so it is refused there.
package struct BatchStatistics: Operator {
  /// ε, added to the variance.
  package var epsilon: Float
  package var name: String { "BatchNormalization" }

  package init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  package var kind: LayerKind { .normalization }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let input = try required(inputs, 0, "input")
    guard input.constant != nil else {
      throw OperatorError("is in training mode; export the model after model.eval()")
    }
    let type = try floatType(of: inputs)
    guard type.shape.rank >= 2 else { throw OperatorError("needs an input of at least 2 axes, not \(type.shape)") }
    for (index, what) in ["scale", "bias"].enumerated() {
      try checkVector(inputs, index + 1, what, count: type.shape[1])
    }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let shape = inputs[0]?.shape, let xs = inputs[0]?.reals, let scale = inputs[1]?.reals,
      let bias = inputs[2]?.reals
    else { return }
    let (ys, channels) = (outputs[0].reals, shape[1])
    let extent = shape.dimensions[2...].reduce(1, *)
    let count = Double(max(shape[0] * extent, 1))
    for c in 0..<channels {
      func forEachPlace(_ body: (Int) -> Void) {
        for n in 0..<shape[0] { for i in 0..<extent { body((n * channels + c) * extent + i) } }
      }
      var (sum, squares) = (0.0, 0.0)
      forEachPlace { sum += xs[$0] }
      let mean = sum / count
      forEachPlace { squares += (xs[$0] - mean) * (xs[$0] - mean) }
      let factor = scale[c] / (squares / count + Double(epsilon)).squareRoot()
      forEachPlace { ys[$0] = (xs[$0] - mean) * factor + bias[c] }
    }
  }
}
