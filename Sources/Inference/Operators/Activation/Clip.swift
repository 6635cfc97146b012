import Tensors

/// ONNX Clip: `min(max(x, minimum), maximum)`, element by element on float32.
///
/// Inputs: x; then, only where the bounds are computed by the network, scalars for minimum and maximum, which count instead of
/// the fields. The importer turns constant bounds into fields.
package struct Clip: Operator {
  package var minimum: Float
  /// The upper bound; infinity for none. Where it is below the lower one, it is the result.
  package var maximum: Float

  package init(minimum: Float = -.infinity, maximum: Float = .infinity) {
    (self.minimum, self.maximum) = (minimum, maximum)
  }

  package var kind: LayerKind { .activation }
  package var isChannelwise: Bool { true }
  package var onlyRescales: Bool { true }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    for bound in inputs.dropFirst().compactMap({ $0?.type }) {
      guard bound.element == .float32, bound.shape.count == 1 else {
        throw OperatorError("has a bound of \(bound), which is not one float32 number")
      }
    }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0]?.reals else { return }
    let low = (inputs.count > 1 ? inputs[1]?.firstReal : nil) ?? Double(minimum)
    let high = (inputs.count > 2 ? inputs[2]?.firstReal : nil) ?? Double(maximum)
    let y = outputs[0].reals
    for index in x.indices { y[index] = min(max(x[index], low), high) }
  }
}
