import Tensors

/// ONNX AveragePool: the mean under each window.
///
/// Input: [N, C, H, W] or [N, C, W] of float32. Output: the same with the extents of `Window.output`.
package struct AveragePool: Operator {
  package var window: Window
  /// True where padding counts as zeros; what a last window of `ceilMode` covers beyond the padding never counts.
  package var countsPadding: Bool

  package init(window: Window, countsPadding: Bool = false) {
    (self.window, self.countsPadding) = (window, countsPadding)
  }

  package var kind: LayerKind { .pooling }
  package var isMean: Bool { true }
  package var isChannelwise: Bool { true }

  package func window(_ inputs: [Shape]) -> Window? { window }

  package func withoutPadding() -> AveragePool {
    var pool = self
    pool.window.padding = .valid
    return pool
  }

  /// Only where all positions have the same divisor.
  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality {
    let isWhole = countsPadding || window.resolvedPads(input: Planar(inputs[0]).spatial) == .none
    return isWhole && !window.ceilMode ? .window(window, padding: 0) : .everything
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try window.pooledType(of: required(inputs, 0, "input").type)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let xs = x.reals
    window.pool(x.shape, to: outputs[0]) { taps, padded in
      let count = countsPadding ? padded : taps.count
      return count == 0 ? 0 : taps.reduce(0.0) { $0 + xs[$1] } / Double(count)
    }
  }
}
