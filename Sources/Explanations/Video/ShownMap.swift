import Foundation

/// How maps become what is shown, from one frame to the next.
package struct Steadiness: Hashable, Sendable {
  /// Half-life in seconds of the range that is shown: how fast it follows brighter and darker maps; 0: each map's own.
  package var rangeHalfLife = 0.0
  /// Half-life in seconds of the map itself; 0: each map stands alone.
  package var mapHalfLife = 0.0
  /// The share of a map's places that may be brighter than what is shown brightest.
  package var clipped = 0.005

  /// Each map by itself.
  package init() {}

  /// For video: maps that do not flicker.
  package static var video: Steadiness {
    var steadiness = Steadiness()
    (steadiness.rangeHalfLife, steadiness.mapHalfLife) = (1, 0.1)
    return steadiness
  }
}

/// A map scaled to 0…1 for the eye, with its hottest place. Keeps its memory from frame to frame.
///
/// Of signed maps only what speaks for the target is shown.
package final class ShownMap {
  package let height: Int, width: Int
  /// 0…1, row-major.
  package let values: UnsafeMutableBufferPointer<Float>
  /// The hottest place, as parts 0…1 of the width and the height: the centre of a cell; nil while the latest map is empty.
  package private(set) var peak: (u: Double, v: Double)?
  /// The connected area around it that is at least half as hot: left, top, width, height as parts 0…1.
  package private(set) var box: (u: Double, v: Double, width: Double, height: Double)?
  /// True when no place of the latest map is hotter than another, or, of a signed map, none speaks for the target.
  package var isEmpty: Bool { peak == nil }
  private let steadiness: Steadiness
  private let isSigned: Bool
  private let memory: FloatBuffer
  private let isReached: UnsafeMutableBufferPointer<Bool>
  private let queue: UnsafeMutableBufferPointer<Int32>
  private var bins = [Int](repeating: 0, count: 1024)
  private var range: (low: Float, high: Float)?

  package init(height: Int, width: Int, isSigned: Bool, steadiness: Steadiness = .init()) {
    (self.height, self.width, self.isSigned, self.steadiness) = (height, width, isSigned, steadiness)
    memory = FloatBuffer(height * width)
    values = UnsafeMutableBufferPointer(rebasing: memory.values[..<(height * width)])
    isReached = .allocate(capacity: height * width)
    isReached.initialize(repeating: false)
    queue = .allocate(capacity: height * width)
    queue.initialize(repeating: 0)
  }

  deinit {
    isReached.deallocate()
    queue.deallocate()
  }

  /// Takes over the next map.
  /// - Parameter seconds: since the map before; nil for the first one and where time has jumped.
  package func show(_ map: SaliencyMap, after seconds: Double?) {
    precondition(map.values.count == values.count, "a map of another size")
    let isFirst = range == nil || seconds == nil
    let now = span(of: map)
    let weight = isFirst ? 1 : share(seconds, steadiness.rangeHalfLife)
    let before = range ?? now
    let shown = (low: mix(before.low, now.low, weight), high: mix(before.high, now.high, weight))
    range = shown
    let gain = shown.high > shown.low ? 1 / (shown.high - shown.low) : 0
    let follow = isFirst ? 1 : share(seconds, steadiness.mapHalfLife)
    for i in values.indices {
      let level = min(max((map.values[i] - shown.low) * gain, 0), 1)
      // A NaN passes the comparisons above; it is shown as 0.
      values[i] = mix(values[i], level == level ? level : 0, follow)
    }
    (peak, box) = (nil, nil)
    if now.high > now.low, values.contains(where: { $0 > 0 }) { findPeak() }
  }

  /// How much of something new counts after so many seconds, when the old counts half after `halfLife`.
  private func share(_ seconds: Double?, _ halfLife: Double) -> Float {
    guard let seconds, halfLife > 0, seconds >= 0 else { return 1 }
    return Float(1 - exp2(-seconds / halfLife))
  }

  private func mix(_ old: Float, _ new: Float, _ share: Float) -> Float { share < 1 ? old + (new - old) * share : new }

  /// What is drawn coldest and hottest: 0 and a high percentile for signed maps; for others the smallest value that is not
  /// exceptional.
  private func span(of map: SaliencyMap) -> (low: Float, high: Float) {
    let (low, high) = map.range
    let start = isSigned ? max(low, 0) : low
    guard high > start else { return (start, start) }
    bins.withUnsafeMutableBufferPointer { bins in
      bins.update(repeating: 0)
      let gain = Float(bins.count - 1) / (high - start)
      for value in map.values where value >= start { bins[Int((min(value, high) - start) * gain)] += 1 }
    }
    let width = (high - start) / Float(bins.count - 1)
    var (left, top) = (Int(Double(map.values.count) * steadiness.clipped), bins.count - 1)
    while top > 0, left >= bins[top] {
      left -= bins[top]
      top -= 1
    }
    return (isSigned ? 0 : start, min(high, start + Float(top + 1) * width))
  }

  private func findPeak() {
    var best = 0
    for i in values.indices where values[i] > values[best] { best = i }
    peak = ((Double(best % width) + 0.5) / Double(width), (Double(best / width) + 0.5) / Double(height))
    let limit = values[best] / 2
    var (left, right, top, bottom) = (best % width, best % width, best / width, best / width)
    isReached.update(repeating: false)
    var (head, tail) = (0, 1)
    queue[0] = Int32(best)
    isReached[best] = true
    while head < tail {
      let place = Int(queue[head])
      head += 1
      let (x, y) = (place % width, place / width)
      (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
      visit(x - 1, y, limit, &tail)
      visit(x + 1, y, limit, &tail)
      visit(x, y - 1, limit, &tail)
      visit(x, y + 1, limit, &tail)
    }
    box = (
      Double(left) / Double(width), Double(top) / Double(height), Double(right + 1 - left) / Double(width),
      Double(bottom + 1 - top) / Double(height)
    )
  }

  private func visit(_ x: Int, _ y: Int, _ limit: Float, _ tail: inout Int) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let place = y * width + x
    guard !isReached[place], values[place] > 0, values[place] >= limit else { return }
    isReached[place] = true
    queue[tail] = Int32(place)
    tail += 1
  }
}
