import Foundation
import Synchronization
import Telemetry

/// Carries the messages of an outbox away, one after the other, on a thread of its own.
final class Sender: @unchecked Sendable {
  // Safety: `condition` guards what changes; the rest is constant.

  /// What came of an attempt.
  enum Outcome: Sendable, Equatable {
    case arrived
    /// It is tried again, with the reason why it did not arrive.
    case failed(String)
    /// There is no connection: nothing was tried.
    case waiting
  }

  private let outbox: Outbox
  private let title: String
  /// Nil: for ever.
  private let attempts: Int?
  private let send: @Sendable (String) -> Outcome
  private let condition = NSCondition()
  private var isStopped = false, isAwake = false
  private var hasFailed = false
  private let ended = DispatchGroup()

  /// - Parameters:
  ///   - title: what messages call the place, without secrets.
  ///   - send: sends one message and waits for what comes of it.
  init(_ outbox: Outbox, title: String, attempts: Int?, send: @escaping @Sendable (String) -> Outcome) {
    (self.outbox, self.title, self.attempts, self.send) = (outbox, title, attempts, send)
  }

  func start() {
    ended.enter()
    let thread = Thread { [self] in
      while let pause = step(at: Date().timeIntervalSince1970) { rest(pause) }
      ended.leave()
    }
    thread.name = "send \(title)"
    thread.start()
  }

  /// Messages that wait stay on the disk for the next start.
  func stop() {
    condition.lock()
    isStopped = true
    condition.signal()
    condition.unlock()
    ended.wait()
  }

  /// Adds a message.
  func add(_ body: String) {
    do {
      let lost = try outbox.add(body, at: Date().timeIntervalSince1970)
      if lost > 0 {
        ServiceLog.warning(
          stage: "notice", .noticeFailed, "\(title): too many messages wait, so the \(lost) oldest are given up")
      }
    } catch {
      ServiceLog.warning(stage: "notice", .noticeFailed, "\(title): a message cannot be kept: \(error)")
    }
    wake()
  }

  /// The connection is there again.
  func wake() {
    condition.lock()
    isAwake = true
    condition.signal()
    condition.unlock()
  }

  /// Sends what is due.
  /// - Returns: seconds until the next message is due; nil when it is to end.
  func step(at now: Double) -> Double? {
    condition.lock()
    let isOver = isStopped
    condition.unlock()
    if isOver { return nil }
    do {
      guard let letter = try outbox.first() else { return 60 }
      guard letter.due <= now else { return letter.due - now }
      return try deliver(letter, now)
    } catch {
      ServiceLog.warning(stage: "notice", .noticeFailed, "\(title): \(error)")
      return 30
    }
  }

  private func deliver(_ letter: Outbox.Letter, _ now: Double) throws -> Double {
    switch send(letter.body) {
    case .waiting: return 5
    case .arrived:
      try outbox.remove(letter)
      if hasFailed { ServiceLog.info(stage: "notice", .noticeBack, "\(title): messages arrive again") }
      hasFailed = false
    case .failed(let reason):
      hasFailed = true
      if let attempts, letter.attempts + 1 >= attempts {
        try outbox.remove(letter)
        ServiceLog.warning(
          stage: "notice", .noticeFailed, "\(title): a message is given up after \(attempts) attempts: \(reason)")
      } else {
        ServiceLog.warning(
          stage: "notice", .noticeFailed, "\(title): a message did not arrive, it is sent again: \(reason)")
        try outbox.postpone(letter, at: now)
      }
    }
    return 0
  }

  private func rest(_ seconds: Double) {
    guard seconds > 0 else { return }
    condition.lock()
    if !isStopped, !isAwake { _ = condition.wait(until: Date(timeIntervalSinceNow: seconds)) }
    isAwake = false
    condition.unlock()
  }
}
