import Capture
import Pipeline
import Synchronization

/// What a signal asks for, whenever it comes: the source's waiting ends, and with it the job once there is one.
final class StopRequest: Sendable {
  private struct State {
    var isRequested = false
    var job: AnnotationJob?
  }

  private let interruption: Interruption
  private let state = Mutex(State())

  /// For a source with this interruption.
  init(_ interruption: Interruption) { self.interruption = interruption }

  /// Ends the work properly. From any thread.
  func request() {
    interruption.request()
    let job = state.withLock { state in
      state.isRequested = true
      return state.job
    }
    job?.finishEarly()
  }

  /// From now on a request ends this job; one that has come already ends it at once.
  func end(_ job: AnnotationJob) {
    let isRequested = state.withLock { state in
      state.job = job
      return state.isRequested
    }
    if isRequested { job.finishEarly() }
  }
}
