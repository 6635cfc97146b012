import Pipeline
import Synchronization
import Telemetry

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

/// Events per second over the last two seconds or so.
struct RateMeter: Sendable {
  private var moments: [MonotonicTime] = []

  mutating func note(_ moment: MonotonicTime) {
    moments.append(moment)
    if moments.count > 64 || moments.first.map({ moment.seconds(since: $0) > 2 }) == true, moments.count > 2 {
      moments.removeFirst()
    }
  }

  /// The mean distance turned over; 0 before the second event.
  var rate: Double {
    guard let first = moments.first, let last = moments.last, last > first else { return 0 }
    return Double(moments.count - 1) / last.seconds(since: first)
  }
}

/// Milliseconds that the spans of a frame's way to a viewer took: of the latest frame, and over the last thousand.
final class SpanMeters: Sendable {
  private let meters = Span.live.map { _ in LatencyMeter() }
  private let all = Span.live.map { _ in DurationHistogram() }
  private let newest = Mutex([Double](repeating: 0, count: Span.live.count))

  func note(_ span: Span, seconds: Double) {
    guard let index = Span.live.firstIndex(of: span) else { return }
    meters[index].note(seconds * 1e3)
    all[index].note(seconds: seconds)
    newest.withLock { $0[index] = seconds * 1e3 }
  }

  /// Of the latest frame, by the span's name.
  var latest: [String: Double] { named(newest.withLock { $0 }) }

  /// The value that this share of the last thousand does not exceed, by the span's name.
  func quantile(_ share: Double) -> [String: Double] { named(meters.map { $0.quantile(share) }) }

  /// How often each span took how long since the start.
  var histograms: [(span: Span, counts: DurationHistogram.Counts)] { zip(Span.live, all).map { ($0, $1.counts) } }

  private func named(_ values: [Double]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(Span.live.map(\.rawValue), values))
  }
}

/// Counts the snapshots that readers had no time for: a reader that takes the newest one
/// passes over those since its last one.
final class PassedOver: Sendable {
  private let total = Atomic<Int>(0)

  /// How many there were.
  var count: Int { total.load(ordering: .relaxed) }

  /// A reader whose last snapshot was `last`, 0 for none yet, takes `next` now.
  func note(from last: UInt64, to next: UInt64) {
    guard last > 0, next > last + 1 else { return }
    total.add(Int(clamping: next - last - 1), ordering: .relaxed)
  }
}
