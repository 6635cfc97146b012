import Frames
import Telemetry

/// Whether a source gives pictures, why not, and when it is tried again.
struct Reconnection {
  /// Why there are no pictures, and since when; nil while there are.
  private(set) var outage: Outage?
  private(set) var nextAttempt = MonotonicTime(nanoseconds: 0)
  private var backoff: Backoff
  private var opened: MonotonicTime?

  init(_ backoff: Backoff) { self.backoff = backoff }

  mutating func succeeded(at now: MonotonicTime) { (outage, opened) = (nil, now) }

  mutating func failed(_ reason: String, at now: MonotonicTime) {
    backoff.failed(afterSeconds: opened.map { now.seconds(since: $0) } ?? 0)
    opened = nil
    nextAttempt = now.advanced(bySeconds: backoff.delay)
    outage = Outage(reason: reason, since: outage?.since ?? now)
  }

  func warn() {
    guard let outage else { return }
    Log.warning("\(outage.reason); trying again in \(Int(backoff.delay.rounded(.up))) s")
  }
}

/// When to try again: after 1 s, then twice as long each time, up to 30 s; from the beginning after a success that lasted.
package struct Backoff: Sendable, Hashable {
  /// Seconds before the first new attempt, and the longest wait.
  package let shortest: Double, longest: Double
  /// Attempts that failed since the last success that lasted.
  package private(set) var failures = 0

  package init(shortest: Double = 1, longest: Double = 30) {
    (self.shortest, self.longest) = (shortest, longest)
  }

  package var delay: Double { min(shortest * Double(1 << min(max(failures - 1, 0), 20)), longest) }

  /// Notes a failure.
  /// - Parameter seconds: how long the source had given pictures; 0 when it never opened. Only a source that lasted longer
  ///   than the longest wait is tried again after the shortest.
  package mutating func failed(afterSeconds seconds: Double) {
    failures = seconds > longest ? 1 : failures + 1
  }
}
