import Tensors

/// ONNX MaxPool: the largest element under each window. Padding is never the largest.
///
/// Input: [N, C, H, W] or [N, C, W] of float32. Output: the same with the extents of `Window.output`.
package struct MaxPool: Operator {
  package var window: Window

  package init(window: Window) { self.window = window }

  package var kind: LayerKind { .pooling }
  package var isChannelwise: Bool { true }

  package func window(_ inputs: [Shape]) -> Window? { window }

  package func withoutPadding() -> MaxPool {
    var pool = self
    (pool.window.padding, pool.window.ceilMode) = (.valid, false)
    return pool
  }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality {
    .window(window, padding: -Float.greatestFiniteMagnitude)
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try window.pooledType(of: required(inputs, 0, "input").type)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let xs = x.reals
    // Where a window lies wholly in the padding, the least number stands, as in onnxruntime.
    window.pool(x.shape, to: outputs[0]) { taps, _ in
      taps.reduce(-Double(Float.greatestFiniteMagnitude)) { max($0, xs[$1]) }
    }
  }
}
