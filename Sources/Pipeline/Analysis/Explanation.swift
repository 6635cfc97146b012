import Explanations
import Imaging
import Tensors

/// Which places of one frame mattered to the network: what a saliency method said, and the same scaled for the eye.
package final class Explanation: @unchecked Sendable {
  // Safety: its maker fills it before another thread has it; afterwards it is only read.

  package let wish: ExplanationWish
  package let method: MethodInfo
  /// ONNX names of the layers that it looked at; none for methods of the input.
  package let layers: [String]
  /// The map as the method made it, [height, width].
  package let raw: Tensor
  /// The map scaled to 0…1, [height, width].
  package let shown: Tensor
  /// The hottest place, as parts 0…1 of the network's input; nil for an empty map.
  package internal(set) var peak: (u: Double, v: Double)?
  /// The area around it that is at least half as hot: left, top, width, height as parts 0…1 of the input; nil for an empty map.
  package internal(set) var box: (u: Double, v: Double, width: Double, height: Double)?
  /// The target for this frame.
  package internal(set) var choice = TargetChoice.norm
  /// The target in words.
  package internal(set) var target = ""
  package internal(set) var score: Float = 0
  /// What the method has to say about the map; nil for nothing.
  package internal(set) var note: String?
  /// How good the map is; nil where the wish did not ask for it.
  package internal(set) var evaluation: MapScores?
  /// The number of the frame that it explains.
  package internal(set) var frame: UInt64 = 0
  /// That frame's time stamp in seconds.
  package internal(set) var seconds: Double?

  init(_ wish: ExplanationWish, method: MethodInfo, layers: [String], height: Int, width: Int) {
    (self.wish, self.method, self.layers) = (wish, method, layers)
    raw = Tensor(.float32, [height, width])
    shown = Tensor(.float32, [height, width])
  }

  /// No place mattered more than another.
  package var isEmpty: Bool { peak == nil }

  /// The layers as one word, joined by `+`.
  package var layer: String { layers.joined(separator: "+") }

  /// The map over a picture.
  package func heat(_ placement: InputPlacement) -> HeatMap {
    HeatMap(
      height: shown.shape[0], width: shown.shape[1], values: UnsafePointer(shown.start), placement: placement,
      peak: peak)
  }
}

extension Tensor {
  /// The first number of a float32 tensor, valid while the tensor lives.
  var start: UnsafeMutablePointer<Float> { view.pointer.assumingMemoryBound(to: Float.self) }
}
