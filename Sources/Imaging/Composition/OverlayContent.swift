/// What there is to show with one frame: plain data, filled again for each frame without allocating.
package final class OverlayContent {
  /// One of the best classes.
  package struct Score {
    /// The label, in any script.
    package var label: String
    /// 0…1, or a raw score when `scoresAreProbabilities` is false.
    package var value: Float

    /// A label and its value.
    package init(label: String, value: Float) { (self.label, self.value) = (label, value) }
  }

  /// The feature maps of one layer.
  package struct FeatureMaps {
    /// The layer's name.
    package var title: String
    /// How many maps.
    package var channels: Int
    /// Rows of a map; 1 for a fully connected layer.
    package var height: Int
    /// Columns of a map; 1 for a fully connected layer.
    package var width: Int
    /// [C, H, W] row-major; must stay valid while the content is drawn.
    package var values: UnsafePointer<Float>

    /// The maps of a layer.
    package init(title: String, channels: Int, height: Int, width: Int, values: UnsafePointer<Float>) {
      (self.title, self.channels, self.height, self.width) = (title, channels, height, width)
      self.values = values
    }
  }

  /// Best first. Assign elements in place to allocate nothing.
  package var top: [Score] = []
  /// Values are softmax probabilities.
  package var scoresAreProbabilities = true
  /// One mosaic for each.
  package var mosaics: [FeatureMaps] = []
  /// A line of text; empty for none.
  package var status = ""
  /// The part of the picture that the network saw; nil hides the frame.
  package var crop: Rect?
  /// Which places mattered; nil shows none.
  package var heat: HeatMap?

  /// Nothing to show.
  package init() {}
}
