import Pipeline
import Synchronization

/// Milliseconds that the spans of a frame's way to a viewer took: of the latest frame, and over the last thousand.
final class SpanMeters: Sendable {
  private let meters = Span.live.map { _ in LatencyMeter() }
  private let newest = Mutex([Double](repeating: 0, count: Span.live.count))

  func note(_ span: Span, seconds: Double) {
    guard let index = Span.live.firstIndex(of: span) else { return }
    meters[index].note(seconds * 1e3)
    newest.withLock { $0[index] = seconds * 1e3 }
  }

  /// Of the latest frame, by the span's name.
  var latest: [String: Double] { named(newest.withLock { $0 }) }

  /// The value that this share of the last thousand does not exceed, by the span's name.
  func quantile(_ share: Double) -> [String: Double] { named(meters.map { $0.quantile(share) }) }

  private func named(_ values: [Double]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(Span.live.map(\.rawValue), values))
  }
}
