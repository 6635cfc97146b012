import CKernels
import Explanations
import Tensors

/// The values of a layer for one frame, with what was measured of its channels.
package final class LayerValues: @unchecked Sendable {
  // Safety: filled before another thread has it; afterwards it is only read.

  /// The ONNX name of the value.
  package let name: String
  /// [C, H, W], whatever the order of the layer's axes in the model; a fully connected layer has H = W = 1.
  package let values: Tensor
  private let layout: LayerLayout
  /// One for each channel.
  package internal(set) var statistics: [ChannelStatistics]
  /// The patches that excited each channel most; nil where they are not collected.
  package internal(set) var patches: PatchBook?

  /// Values of a layer of this layout, zeros at first.
  package init(name: String, _ layout: LayerLayout) {
    (self.name, self.layout) = (name, layout)
    let extent = layout.extent
    values = Tensor(.float32, [extent.channels, extent.height, extent.width])
    statistics = Array(repeating: ChannelStatistics(), count: extent.channels)
  }

  /// The values in the order of the model's axes.
  package var inModelOrder: Tensor {
    guard !layout.isPlanar else { return values }
    let result = Tensor(.float32, [layout.count])
    layout.scatter(values.start, into: result.start)
    return result
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

/// What is measured of one channel of a layer, on every frame.
package struct ChannelStatistics: Sendable {
  /// Smallest and largest finite value of this frame; +∞ and -∞ where there is none.
  package internal(set) var low: Float = 0, high: Float = 0
  /// Where the largest one lies, counted row by row.
  package internal(set) var place = 0
  /// Of this frame: the mean, the mean magnitude, the share of zeros.
  package internal(set) var mean: Float = 0, magnitude: Float = 0, zeros: Float = 0
  /// Mean magnitude and mean change from frame to frame, followed over about ten frames, so that an order by them stands
  /// still enough to be looked at.
  package internal(set) var strength: Float = 0, change: Float = 0
  /// A value has been other than zero since the layer is followed.
  package internal(set) var hasFired = false

  /// What a new frame counts for in what is followed.
  private static let share: Float = 0.1

  /// Copies a channel's values to `kept` and measures them.
  /// - Parameter earlier: the channel's values in the frame before; nil for the first one.
  mutating func measure(
    _ values: UnsafePointer<Float>, after earlier: UnsafePointer<Float>?, into kept: UnsafeMutablePointer<Float>,
    _ cells: Int
  ) {
    var measured = fovea_channel()
    fovea_statistics_channel(&measured, values, earlier ?? values, kept, Int32(cells), fovea_isa_default())
    let scale = 1 / Float(max(1, cells))
    (low, high, place) = (measured.low, measured.high, Int(measured.place))
    (mean, magnitude, zeros) = (measured.sum * scale, measured.magnitude * scale, Float(measured.zeros) * scale)
    hasFired = hasFired || Int(measured.zeros) < cells
    guard earlier != nil else {
      (strength, change) = (magnitude, 0)
      return
    }
    strength += (magnitude - strength) * Self.share
    change += (measured.change * scale - change) * Self.share
  }
}

/// How often values lie in each of some equal parts of a range.
package struct Histogram: Sendable, Encodable {
  /// One count for each part, from the lowest on.
  package private(set) var counts: [Int]
  /// The range's ends. Every part is as wide as the others; a value at the upper end counts in the last one.
  package let low: Float, high: Float
  package static let bins = 24

  /// Counts the finite ones of `count` values. All counts are 0 where the range is empty.
  /// - Parameters:
  ///   - range: the smallest and the largest finite value.
  ///   - limit: values from here on are counted as saturated.
  init(
    _ values: UnsafePointer<Float>, _ count: Int, _ range: fovea_moments, saturatedFrom limit: Float = .infinity,
    saturated: inout Int
  ) {
    let isEmpty = !(range.low < range.high)
    (low, high) = isEmpty && !range.low.isFinite ? (0, 0) : (range.low, range.high)
    var bins = [Int64](repeating: 0, count: Self.bins)
    if !isEmpty {
      saturated = Int(
        fovea_statistics_histogram(
          &bins, Int32(Self.bins), values, Int64(count), low, Float(Self.bins) / (high - low), limit,
          fovea_isa_default()))
    }
    counts = bins.map { Int($0) }
  }
}

extension LayerValues {
  /// How the values of one channel are spread.
  package func histogram(_ channel: Int) -> Histogram {
    var (range, saturated) = (fovea_moments.none, 0)
    fovea_statistics_moments(&range, map(channel), Int64(height * width), fovea_isa_default())
    return Histogram(map(channel), height * width, range, saturated: &saturated)
  }
}

extension fovea_moments {
  /// Of no values.
  static var none: fovea_moments {
    fovea_moments(low: .infinity, high: -.infinity, sum: 0, squares: 0, magnitude: 0, zeros: 0)
  }
}
