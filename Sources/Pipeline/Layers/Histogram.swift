import CKernels

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
