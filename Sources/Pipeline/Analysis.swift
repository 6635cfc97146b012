import Frames
import Tensors

/// What the network said about one frame: made once for each ring slot and filled again and again.
package final class Analysis: @unchecked Sendable {
  // Safety: travels with its slot; one thread at a time holds it.

  /// Best first.
  package internal(set) var top: [ClassScore]
  /// A copy of each tapped layer's values, [1, C, H, W] or [1, C].
  package let taps: [TensorView]
  /// Which places mattered; nil where nobody asked.
  package let saliency: SaliencyResult?
  private let storage: [Tensor]
  /// False where this frame was not analysed itself, and the contents are stale.
  package internal(set) var isFresh = false
  /// Seconds that preprocessing and the network took.
  package internal(set) var preprocessSeconds = 0.0, inferenceSeconds = 0.0

  /// Room for `top` classes and the taps of these shapes.
  package init(top: Int, taps: [Shape], saliency: SaliencyResult? = nil) {
    self.saliency = saliency
    self.top = Array(repeating: ClassScore(label: "", index: 0, confidence: 0), count: top)
    storage = taps.map { Tensor(.float32, $0) }
    self.taps = storage.map(\.view)
  }
}

/// What a ring slot of an annotation holds.
package final class AnnotationSlot: @unchecked Sendable {
  // Safety: the ring hands a slot to one thread at a time.

  /// The decoded picture.
  package let frame: Frame
  /// What the network said about it. The presenter swaps it with the one that it holds.
  package internal(set) var analysis: Analysis
  /// Seconds that decoding took.
  package internal(set) var decodeSeconds = 0.0

  init(frame: Frame, analysis: Analysis) {
    (self.frame, self.analysis) = (frame, analysis)
  }
}
