import Foundation

/// A moment on the monotonic clock, in nanoseconds since boot.
package struct MonotonicTime: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Earlier moments come first.
  package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The moment so many seconds later.
  package func advanced(bySeconds seconds: Double) -> Self {
    MonotonicTime(nanoseconds: nanoseconds + Int64(min(max(seconds, -1e9), 1e9) * 1e9))
  }

  /// Seconds from `earlier` to this moment.
  package func seconds(since earlier: Self) -> Double { Double(nanoseconds - earlier.nanoseconds) * 1e-9 }
}

/// Where time comes from; injected, so that tests need not wait.
package protocol TimeSource: Sendable {
  func now() -> MonotonicTime
  /// Waits until the moment; returns at once when it has passed.
  func sleep(until moment: MonotonicTime)
}

/// CLOCK_MONOTONIC.
package struct SystemTime: TimeSource {
  package init() {}

  package func now() -> MonotonicTime {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return MonotonicTime(nanoseconds: Int64(t.tv_sec) * 1_000_000_000 + Int64(t.tv_nsec))
  }

  /// Waits until the moment; returns at once when it has passed.
  package func sleep(until moment: MonotonicTime) {
    let left = moment.nanoseconds - now().nanoseconds
    guard left > 0 else { return }
    var end = timespec(
      tv_sec: Int(moment.nanoseconds / 1_000_000_000), tv_nsec: Int(moment.nanoseconds % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nil) == EINTR {}
  }
}
