import Capture
import Synchronization

/// What a signal asks for, whenever it comes: the source's waiting ends, and with it the work once there is some.
final class StopRequest: Sendable {
  private struct State {
    var isRequested = false
    var end: (@Sendable () -> Void)?
  }

  private let interruption: Interruption
  private let state = Mutex(State())

  /// For a source with this interruption.
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

  /// From now on a request does this; one that has come already does it at once.
  func onRequest(_ end: @escaping @Sendable () -> Void) {
    let isRequested = state.withLock { state in
      state.end = end
      return state.isRequested
    }
    if isRequested { end() }
  }
}
