import Telemetry

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
