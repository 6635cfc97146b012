import Tensors

/// ONNX GroupNormalization (Wu and He 2018): each group of channels of each picture to mean 0 and variance 1, then `* scale + bias`.
///
/// Inputs: x [N, C, …]; scale, bias, each [C], or [groups] where `hasGroupParameters`. Output: x's shape.
package struct GroupNormalization: Operator {
  /// Into how many groups the channels fall.
  package var groups: Int
  /// ε, added to the variance.
  package var epsilon: Float
  /// True for the form of opset 18, with one scale and bias for each group.
  package var hasGroupParameters: Bool

  package init(groups: Int, epsilon: Float = 1e-5, hasGroupParameters: Bool = false) {
    (self.groups, self.epsilon, self.hasGroupParameters) = (groups, epsilon, hasGroupParameters)
  }

  package var kind: LayerKind { .normalization }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    guard type.shape.rank >= 3 else { throw OperatorError("needs an input of at least 3 axes, not \(type.shape)") }
    guard groups > 0, type.shape[1] % groups == 0 else {
      throw OperatorError("has \(groups) groups for \(type.shape[1]) channels")
    }
    let count = hasGroupParameters ? groups : type.shape[1]
    try checkVector(inputs, 1, "scale", count: count)
    try checkVector(inputs, 2, "bias", count: count)
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let scale = inputs[1]?.reals, let bias = inputs[2]?.reals else { return }
    let plane = x.shape.dimensions[2...].reduce(1, *)
    let perGroup = x.shape[1] / groups
    let extent = perGroup * plane
    for group in 0..<x.shape[0] * groups {
      let number = group % groups
      normalize(x.reals, outputs[0].reals, group * extent..<(group + 1) * extent, epsilon) { element in
        let parameter = hasGroupParameters ? number : number * perGroup + element / plane
        return (scale[parameter], bias[parameter])
      }
    }
  }
}
