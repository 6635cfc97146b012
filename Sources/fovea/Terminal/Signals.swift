@preconcurrency import Dispatch
import Foundation
import Output
import Synchronization
import Telemetry

/// SIGINT and SIGTERM: the first asks the work to finish properly, the second ends the program at once.
final class Signals: Sendable {
  private let sources: [any DispatchSourceSignal]
  private let count = Atomic<Int>(0)

  /// Calls `handler` at the first signal, until `cancel`.
  init(_ handler: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for source in sources {
      source.setEventHandler { [self] in
        if count.add(1, ordering: .relaxed).newValue == 1 {
          Log.info("finishing the output; interrupt again to give up")
          handler()
        } else {
          removePartialFiles()
          _exit(130)
        }
      }
      source.resume()
    }
  }

  func cancel() {
    for source in sources { source.cancel() }
  }
}
