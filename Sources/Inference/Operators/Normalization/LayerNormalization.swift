import Tensors

/// ONNX LayerNormalization (Ba et al. 2016): all axes from `axis` on together to mean 0 and variance 1, then `* scale + bias`.
///
/// Inputs: x; scale and bias (optional), broadcast to the normalised axes. Output: x's shape.
package struct LayerNormalization: Operator {
  /// The first normalised axis; negative ones count from the end.
  package var axis: Int
  /// ε, added to the variance.
  package var epsilon: Float

  package init(axis: Int = -1, epsilon: Float = 1e-5) { (self.axis, self.epsilon) = (axis, epsilon) }

  package var kind: LayerKind { .normalization }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    guard (-type.shape.rank..<type.shape.rank).contains(axis) else {
      throw OperatorError("has axis \(axis) for an input of \(type.shape)")
    }
    let normalized = normalizedShape(type.shape)
    let parameters = [try required(inputs, 1, "scale").type, optional(inputs, 2)?.type].compactMap { $0 }
    for parameter in parameters {
      guard parameter.element == .float32, parameter.shape.broadcasts(to: normalized) else {
        throw OperatorError("has a scale or bias of \(parameter), which does not broadcast to \(normalized)")
      }
    }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let scale = inputs[1] else { return }
    let bias = inputs.count > 2 ? inputs[2] : nil
    let normalized = normalizedShape(x.shape)
    let (scaleSteps, biasSteps) = (
      scale.shape.broadcastStrides(to: normalized), bias?.shape.broadcastStrides(to: normalized) ?? []
    )
    let extent = normalized.count
    guard extent > 0 else { return }
    for row in 0..<x.shape.count / extent {
      normalize(x.reals, outputs[0].reals, row * extent..<(row + 1) * extent, epsilon) { element in
        (
          scale.reals[normalized.offset(of: element, steps: scaleSteps)],
          bias.map { $0.reals[normalized.offset(of: element, steps: biasSteps)] } ?? 0
        )
      }
    }
  }

  /// The extents of the normalised axes.
  private func normalizedShape(_ shape: Shape) -> Shape {
    Shape(Array(shape.dimensions[(axis < 0 ? axis + shape.rank : axis)...]))
  }
}
