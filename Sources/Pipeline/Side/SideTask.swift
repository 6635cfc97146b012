import Foundation
import Glibc
import Synchronization
import Telemetry
import Tensors

/// A picture as a network sees it, for work that goes on beside the frames.
struct SidePicture: Sendable {
  let input: Tensor
  let frame: UInt64
  let seconds: Double?
}

/// Work on pictures that takes longer than a frame: it is done on a thread of its own, again and again, always on the newest picture.
///
/// The thread runs at low priority, so that frames go on as fast as before where every core is busy.
final class SideTask<Result: Sendable>: Sendable {
  private struct State {
    var picture: SidePicture?
    var result: Result?
    var problem: String?
    var offered: UInt64?
  }

  /// What a task does with pictures; it throws `CancellationError` when it notices that it was stopped.
  typealias Work = (SidePicture) throws -> Result

  private let state = Mutex(State())
  private let isStopped = Atomic<Bool>(false)
  private let wake = DispatchSemaphore(value: 0)
  private let news: NewsCount
  private let pause: Double, share: Double

  /// Starts the thread.
  /// - Parameters:
  ///   - name: the thread's name.
  ///   - pause: seconds between two pictures, at least.
  ///   - share: the part of the time that the work may take.
  ///   - prepare: makes the work, on the task's thread; is given a test for having been stopped.
  init(
    _ name: String, news: NewsCount, pause: Double = 0, share: Double = 1,
    prepare: @escaping @Sendable (@escaping @Sendable () -> Bool) throws -> Work
  ) {
    (self.news, self.pause, self.share) = (news, pause, share)
    let thread = Thread { [self] in run(prepare) }
    thread.name = name
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// A picture to work on next, in the place of one that still waits. Ignored when the task has had this frame already.
  func offer(_ picture: SidePicture) {
    let isNew = state.withLock { state in
      guard state.offered != picture.frame else { return false }
      (state.picture, state.offered) = (picture, picture.frame)
      return true
    }
    if isNew { wake.signal() }
  }

  /// The latest result; nil before the first.
  var latest: Result? { state.withLock { $0.result } }

  /// Why there are no results; nil while there are some, or may be later.
  var problem: String? { state.withLock { $0.problem } }

  /// The thread ends as soon as the work lets it.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    wake.signal()
  }

  private func run(_ prepare: (@escaping @Sendable () -> Bool) throws -> Work) {
    // On Linux this is the calling thread's priority, not the process's.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    do {
      let work = try prepare { [self] in isStopped.load(ordering: .relaxed) }
      while let picture = next() {
        let start = SystemTime().now()
        let result = try work(picture)
        let seconds = SystemTime().now().seconds(since: start)
        state.withLock { $0.result = result }
        news.add()
        rest(after: seconds)
      }
    } catch is CancellationError {
      return
    } catch {
      state.withLock { $0.problem = "\(error)" }
      news.add()
    }
  }

  private func next() -> SidePicture? {
    while !isStopped.load(ordering: .relaxed) {
      if let picture = state.withLock({ $0.picture.take() }) { return picture }
      wake.wait()
    }
    return nil
  }

  /// Waits as long as `pause` and `share` say, or until `stop`.
  private func rest(after seconds: Double) {
    let wait = max(pause, seconds * (1 / share - 1))
    let end = DispatchTime.now() + wait
    while wait > 0, !isStopped.load(ordering: .relaxed), DispatchTime.now() < end {
      _ = wake.wait(timeout: end)
    }
    // The waits above may have used up the signal of a new picture: `next` looks once more.
    wake.signal()
  }
}
