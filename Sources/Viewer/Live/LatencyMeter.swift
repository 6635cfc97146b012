import Synchronization

/// The latencies of the last thousand answers, in milliseconds.
final class LatencyMeter: Sendable {
  private let values = Mutex<(ring: [Double], next: Int)>(([], 0))

  func note(_ milliseconds: Double) {
    values.withLock { state in
      if state.ring.count < 1000 {
        state.ring.append(milliseconds)
      } else {
        state.ring[state.next % 1000] = milliseconds
      }
      state.next += 1
    }
  }

  /// The value that this share of them does not exceed; 0 before the first.
  func quantile(_ share: Double) -> Double {
    let sorted = values.withLock { $0.ring }.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}
