import Capture
import Synchronization

/// Ends the program's work early. A request may come before there is work: the source's waiting ends then, and the work when it
/// begins.
final class StopRequest: Sendable {
  private struct State {
    var isRequested = false
    var end: (@Sendable () -> Void)?
  }

  private let interruption: Interruption
  private let state = Mutex(State())

  init(_ interruption: Interruption) { self.interruption = interruption }

  /// Ends the work properly. From any thread.
  func request() {
    interruption.request()
    let end = state.withLock { state in
      state.isRequested = true
      return state.end
    }
    end?()
  }

  /// Says what a request ends; calls it at once when a request has come already.
  func onRequest(_ end: @escaping @Sendable () -> Void) {
    let isRequested = state.withLock { state in
      state.end = end
      return state.isRequested
    }
    if isRequested { end() }
  }
}
