import Tensors

/// ONNX InstanceNormalization (Ulyanov et al. 2016): each channel's plane of each picture to mean 0 and variance 1, then
/// `* scale + bias`.
///
/// Inputs: x [N, C, …]; scale, bias, each [C]. Output: x's shape.
package struct InstanceNormalization: Operator {
  /// ε, added to the variance.
  package var epsilon: Float

  package init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  package var kind: LayerKind { .normalization }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    guard type.shape.rank >= 3 else { throw OperatorError("needs an input of at least 3 axes, not \(type.shape)") }
    try checkVector(inputs, 1, "scale", count: type.shape[1])
    try checkVector(inputs, 2, "bias", count: type.shape[1])
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let scale = inputs[1]?.reals, let bias = inputs[2]?.reals else { return }
    let channels = x.shape[1]
    let extent = x.shape.dimensions[2...].reduce(1, *)
    for plane in 0..<x.shape[0] * channels {
      normalize(x.reals, outputs[0].reals, plane * extent..<(plane + 1) * extent, epsilon) { _ in
        (scale[plane % channels], bias[plane % channels])
      }
    }
  }
}

/// Writes `(x - mean) / √(variance + ε) * scale + bias` over the elements of `range`, with their own mean and variance.
/// - Parameter parameters: scale and bias of the element at an offset into `range`.
func normalize(
  _ xs: RealElements, _ ys: RealElements, _ range: Range<Int>, _ epsilon: Float,
  _ parameters: (Int) -> (scale: Double, bias: Double)
) {
  guard !range.isEmpty else { return }
  let mean = range.reduce(0.0) { $0 + xs[$1] } / Double(range.count)
  let variance = range.reduce(0.0) { $0 + (xs[$1] - mean) * (xs[$1] - mean) } / Double(range.count)
  let factor = 1 / (variance + Double(epsilon)).squareRoot()
  for index in range {
    let (scale, bias) = parameters(index - range.lowerBound)
    ys[index] = (xs[index] - mean) * factor * scale + bias
  }
}
