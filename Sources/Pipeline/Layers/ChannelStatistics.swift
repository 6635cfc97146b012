import CKernels

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
