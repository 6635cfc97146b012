import Synchronization
import Telemetry

/// Ends blocked reads: on demand from any thread, or when a time limit has passed.
package final class Interruption: Sendable {
  private let requested = Atomic<Bool>(false)
  private let deadline = Atomic<Int64>(Int64.max)

  package init() {}

  /// Makes blocked and later reads end soon. From any thread.
  package func request() { requested.store(true, ordering: .relaxed) }

  package var isRequested: Bool { requested.load(ordering: .relaxed) }

  package var isLate: Bool { SystemTime().now().nanoseconds > deadline.load(ordering: .relaxed) }

  /// Sets the time limit to so many seconds from now; nil for none.
  package func limit(_ seconds: Double?) {
    let end = seconds.map { SystemTime().now().nanoseconds + Int64(min(max($0, 0), 1e9) * 1e9) }
    deadline.store(end ?? Int64.max, ordering: .relaxed)
  }
}
