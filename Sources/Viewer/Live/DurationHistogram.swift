import Synchronization

/// How often something took how long, since the program's start.
package final class DurationHistogram: Sendable {
  /// Counts by upper limit, and behind them those above all limits.
  package struct Counts: Sendable {
    package var counts = [Int](repeating: 0, count: DurationHistogram.limits.count + 1)
    /// Seconds of all together.
    package var sum = 0.0
  }

  /// Upper limits in seconds.
  static let limits = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  private let state = Mutex(Counts())

  init() {}

  func note(seconds: Double) {
    let index = Self.limits.firstIndex { seconds <= $0 } ?? Self.limits.count
    state.withLock {
      $0.counts[index] += 1
      $0.sum += max(0, seconds)
    }
  }

  /// What it has counted so far.
  package var counts: Counts { state.withLock { $0 } }
}
