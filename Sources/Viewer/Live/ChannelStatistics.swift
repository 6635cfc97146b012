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
  private var before: [Float]
  private let cells: Int
  private var isFirst = true

  /// For [C, H, W] with `cells` = H W.
  init(channels: Int, cells: Int) {
    statistics = Array(repeating: ChannelStatistics(), count: channels)
    before = Array(repeating: 0, count: channels * cells)
    self.cells = cells
  }

  /// Takes over the values of a frame.
  mutating func measure(_ values: UnsafePointer<Float>) {
    let share: Float = isFirst ? 1 : 0.1
    before.withUnsafeMutableBufferPointer { before in
      guard let base = before.baseAddress else { return }
      for channel in statistics.indices {
        let change = Self.measure(values + channel * cells, base + channel * cells, cells, &statistics[channel])
        statistics[channel].strength += (statistics[channel].magnitude - statistics[channel].strength) * share
        statistics[channel].change += ((isFirst ? 0 : change) - statistics[channel].change) * share
      }
    }
    isFirst = false
  }

  /// Returns the mean magnitude of the change.
  private static func measure(
    _ values: UnsafePointer<Float>, _ before: UnsafeMutablePointer<Float>, _ count: Int,
    _ result: inout ChannelStatistics
  ) -> Float {
    var (low, high, place) = (Float.infinity, -Float.infinity, 0)
    var (sum, magnitude, change, zeros) = (Float(0), Float(0), Float(0), 0)
    for i in 0..<count {
      let value = values[i]
      if value > high { (high, place) = (value, i) }
      low = min(low, value)
      sum += value
      magnitude += abs(value)
      change += abs(value - before[i])
      zeros += value == 0 ? 1 : 0
      before[i] = value
    }
    let scale = 1 / Float(max(1, count))
    (result.low, result.high, result.place) = (low, high, place)
    (result.mean, result.magnitude, result.zeros) = (sum * scale, magnitude * scale, Float(zeros) * scale)
    result.hasFired = result.hasFired || zeros < count
    return change * scale
  }
}
