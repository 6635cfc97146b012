@preconcurrency import Dispatch
import Foundation
import Output
import Synchronization
import Telemetry

/// SIGINT and SIGTERM: the first asks the work to finish properly, the second ends the program at once. One that follows within a
/// tenth of a second is the same: `timeout` and some terminals send a signal to the program and to its group.
final class Signals: Sendable {
  private let sources: [any DispatchSourceSignal]
  /// When the first one came, in nanoseconds; 0 before it.
  private let first = Atomic<Int64>(0)
  private static let cutShort = Atomic<Int32>(0)

  /// The exit status of work that a signal cut short, as shells give it: 130 for SIGINT, 143 for SIGTERM. Nil where none did.
  static var exitStatus: Int32? {
    let number = cutShort.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }

  /// Calls `handler` at the first signal, until `cancel`.
  /// - Parameter isUsualEnd: a signal is how the work ends, and cuts nothing short.
  init(isUsualEnd: Bool = false, _ handler: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for (number, source) in zip([SIGINT, SIGTERM], sources) {
      source.setEventHandler { [self] in
        if !isUsualEnd { Self.cutShort.store(number, ordering: .relaxed) }
        let now = SystemTime().now().nanoseconds
        let (isFirst, then) = first.compareExchange(expected: 0, desired: now, ordering: .relaxed)
        if isFirst {
          Log.info("finishing the output; interrupt again to give up")
          handler()
        } else if now - then > 100_000_000 {
          removePartialFiles()
          _exit(128 + number)
        }
      }
      source.resume()
    }
  }

  func cancel() {
    for source in sources { source.cancel() }
  }
}
