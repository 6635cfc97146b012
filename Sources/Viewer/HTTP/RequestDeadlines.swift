import Foundation
import Telemetry

/// Ends connections whose request does not become complete in time. A timeout of silence would not do: a client
/// that says one letter now and then would keep its place for ever.
final class RequestDeadlines: @unchecked Sendable {
  // Safety: everything is touched under `condition`.
  private let condition = NSCondition()
  private var deadlines: [Int32: MonotonicTime] = [:]
  private var isOver = false
  private let seconds: Double
  private let clock: any TimeSource
  private let end: @Sendable (Int32) -> Void

  /// - Parameters:
  ///   - seconds: from the connection's beginning, or from the answer before, to the request's last byte.
  ///   - end: hangs up; called while the descriptor is still the connection's.
  init(seconds: Double, clock: any TimeSource = SystemTime(), end: @escaping @Sendable (Int32) -> Void) {
    (self.seconds, self.clock, self.end) = (seconds, clock, end)
  }

  /// From now on a request is waited for on this connection.
  func expect(on connection: Int32) {
    condition.withLock { deadlines[connection] = clock.now().advanced(bySeconds: seconds) }
  }

  /// The request is there, or the connection is gone: the answer may take as long as it takes.
  func complete(on connection: Int32) {
    condition.withLock { deadlines[connection] = nil }
  }

  /// Hangs up on connections that are late; returns the next deadline, nil when no request is awaited.
  @discardableResult
  func endLate() -> MonotonicTime? {
    condition.lock()
    defer { condition.unlock() }
    let now = clock.now()
    for (connection, deadline) in deadlines where deadline <= now {
      end(connection)
      deadlines[connection] = nil
    }
    return deadlines.values.min()
  }

  /// Watches on a thread of its own, until `stop`.
  func start() {
    let thread = Thread { [self] in
      while !isStopped {
        let next = endLate()
        condition.lock()
        // A deadline that is set meanwhile lies later than those that are known.
        if !isOver {
          let pause = next.map { max(0.01, $0.seconds(since: clock.now())) } ?? seconds
          _ = condition.wait(until: Date(timeIntervalSinceNow: min(pause, seconds)))
        }
        condition.unlock()
      }
    }
    thread.name = "deadlines"
    thread.start()
  }

  func stop() {
    condition.lock()
    isOver = true
    condition.broadcast()
    condition.unlock()
  }

  private var isStopped: Bool { condition.withLock { isOver } }
}
