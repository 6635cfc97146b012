import Tensors

/// ONNX AveragePool: the mean under each window.
///
/// Input: [N, C, H, W] or [N, C, W] of float32. Output: the same with the extents of `Window.output`.
package struct AveragePool: Operator {
  /// How the window slides.
  package var window: Window
  /// True where padding counts as zeros; what a last window of `ceilMode` covers beyond the padding never counts.
  package var countsPadding: Bool

  /// All of it at once.
  package init(window: Window, countsPadding: Bool = false) {
    (self.window, self.countsPadding) = (window, countsPadding)
  }

  package var name: String { "AveragePool" }

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
