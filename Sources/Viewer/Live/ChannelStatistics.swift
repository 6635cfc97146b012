import CKernels
import Tensors

/// What is measured of one channel of a watched layer, on every frame.
struct ChannelStatistics: Sendable {
  /// Of this frame: smallest and largest value, where the largest lies, the mean, the mean magnitude, the share of zeros.
  var low: Float = 0, high: Float = 0
  var place = 0
  var mean: Float = 0, magnitude: Float = 0, zeros: Float = 0
  /// Followed over about ten frames, so that an order by them stands still enough to be looked at.
  var strength: Float = 0, change: Float = 0
  /// It has been other than zero since it is watched.
  var hasFired = false
}

/// Measures the channels of a layer from frame to frame.
struct ChannelMeter {
  private(set) var statistics: [ChannelStatistics]
  private var before: Tensor?
  private let cells: Int
  private let isa = fovea_isa_default()

  /// For [C, H, W] with `cells` = H W.
  init(channels: Int, cells: Int) {
    statistics = Array(repeating: ChannelStatistics(), count: channels)
    self.cells = cells
  }

  /// Takes over the values of a frame, and copies them to `kept`, which it compares the next ones with.
  mutating func measure(_ values: UnsafePointer<Float>, keeping kept: Tensor) {
    guard let target = kept.view.floats.baseAddress else { return }
    let isFirst = before == nil
    let earlier = before.flatMap { $0.view.floats.baseAddress }.map { UnsafePointer($0) } ?? values
    withExtendedLifetime(before) {
      for channel in statistics.indices {
        let first = channel * cells
        var measured = fovea_channel()
        fovea_statistics_channel(&measured, values + first, earlier + first, target + first, Int32(cells), isa)
        statistics[channel].take(measured, cells, share: isFirst ? 1 : 0.1)
      }
    }
    before = kept
  }
}

extension ChannelStatistics {
  /// A frame's numbers; `share` is what they count for in what is followed.
  fileprivate mutating func take(_ measured: fovea_channel, _ cells: Int, share: Float) {
    let scale = 1 / Float(max(1, cells))
    (low, high, place) = (measured.low, measured.high, Int(measured.place))
    (mean, magnitude, zeros) = (measured.sum * scale, measured.magnitude * scale, Float(measured.zeros) * scale)
    hasFired = hasFired || Int(measured.zeros) < cells
    strength += (magnitude - strength) * share
    change += ((share == 1 ? 0 : measured.change * scale) - change) * share
  }
}
