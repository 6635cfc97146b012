import Foundation
import Tensors

/// ONNX LpPool: `(Σ |x|^p)^(1/p)` under each window.
///
/// Input: [N, C, H, W] or [N, C, W] of float32. Output: the same with the extents of `Window.output`.
package struct LpPool: Operator {
  package var window: Window
  /// The exponent, at least 1.
  package var p: Int

  package init(window: Window, p: Int = 2) { (self.window, self.p) = (window, p) }

  package var kind: LayerKind { .pooling }
  package var isChannelwise: Bool { true }

  package func window(_ inputs: [Shape]) -> Window? { window }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    guard p >= 1 else { throw OperatorError("has the exponent p = \(p)") }
    return [try window.pooledType(of: required(inputs, 0, "input").type)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let xs = x.reals
    window.pool(x.shape, to: outputs[0]) { taps, _ in
      pow(taps.reduce(0.0) { $0 + pow(abs(xs[$1]), Double(p)) }, 1 / Double(p))
    }
  }
}
