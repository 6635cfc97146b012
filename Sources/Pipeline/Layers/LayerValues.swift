import Explanations
import Tensors

/// The values of a layer for one frame, with what was measured of its channels.
package final class LayerValues: @unchecked Sendable {
  // Safety: filled before another thread has it; afterwards it is only read.

  /// The ONNX name of the value.
  package let name: String
  /// [C, H, W]; a fully connected layer has H = W = 1.
  package let values: Tensor
  /// One for each channel.
  package internal(set) var statistics: [ChannelStatistics]
  /// The patches that excited each channel most; nil where they are not collected.
  package internal(set) var patches: PatchBook?

  /// Values of a layer of this shape, zeros at first.
  package init(name: String, _ extent: SpatialExtent) {
    self.name = name
    values = Tensor(.float32, [extent.channels, extent.height, extent.width])
    statistics = Array(repeating: ChannelStatistics(), count: extent.channels)
  }

  package var channels: Int { values.shape[0] }
  package var height: Int { values.shape[1] }
  package var width: Int { values.shape[2] }
  /// Each channel is one number.
  package var isVector: Bool { height * width == 1 }

  /// [H, W] of one channel.
  package func map(_ channel: Int) -> UnsafePointer<Float> { UnsafePointer(values.start + channel * height * width) }

  /// The smallest and the largest finite value of all channels.
  package var range: (low: Float, high: Float) {
    var (low, high) = (Float.infinity, -Float.infinity)
    for channel in statistics.indices {
      if statistics[channel].low.isFinite { low = min(low, statistics[channel].low) }
      if statistics[channel].high.isFinite { high = max(high, statistics[channel].high) }
    }
    return low <= high ? (low, high) : (0, 0)
  }
}
