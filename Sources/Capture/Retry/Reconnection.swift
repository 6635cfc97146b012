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
