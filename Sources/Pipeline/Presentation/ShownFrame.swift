import Frames
import Imaging

/// A frame with what the network made of it, as overlays draw it.
package struct ShownFrame {
  /// The picture, as the source gave it.
  package let frame: Frame
  /// What is known of it, or of the latest frame that was analysed.
  package let analysis: Analysis
  /// The one that is drawn; nil draws none.
  package let explanation: Explanation?
  private let scale: (x: Double, y: Double)

  /// - Parameter scale: from the frame's pixels to those that are drawn on.
  package init(
    _ frame: Frame, _ analysis: Analysis, _ explanation: Explanation?, scale: (x: Double, y: Double) = (1, 1)
  ) {
    (self.frame, self.analysis, self.explanation, self.scale) = (frame, analysis, explanation, scale)
  }

  /// Where the network's input lies on what is drawn on.
  var placement: InputPlacement { analysis.placement.scaled(scale.x, scale.y) }

  /// The part that the network saw.
  var crop: Rect { analysis.crop.scaled(scale.x, scale.y) }
}
