import CKernels
import Foundation
import Synchronization

/// A few threads that share one piece of work at a time: they spin while work keeps coming, and park when it stops.
///
/// Several callers may use a pool at once, from threads of their own. They take turns, piece by piece, in the order in which they came.
/// A network's step is a piece, so a frame waits for one step of a long run and not for its end. The alternative, that a caller which finds the pool
/// busy works alone, would keep it alone for as long as the other goes on, because steps follow each other without a gap: on eight
/// cores its frame would take eight times as long. Work that must not delay other work gets a pool of its own, of one thread.
///
/// `run` allocates nothing, and makes system calls only to wake and to await parked threads. A body must not call `run` of its own pool.
package final class ThreadPool: Sendable {
  /// Work split into `parts`; called once for every part in 0 ..< parts, on different threads.
  package typealias Body = (_ part: Int, _ parts: Int) -> Void

  /// The number of parts: the caller's thread and the pool's own.
  package let threads: Int
  private let turns = Turns()
  private let shared: Shared
  private let workers: [pthread_t]

  package init(threads: Int) throws {
    guard (1...256).contains(threads) else {
      throw InferenceError("\(threads) threads were asked for; use 1 to 256")
    }
    let shared = Shared(threads: threads)
    var workers: [pthread_t] = []
    do {
      for part in 1..<threads { workers.append(try Self.start(part, shared)) }
    } catch {
      Self.end(workers, shared)
      throw error
    }
    (self.threads, self.shared, self.workers) = (threads, shared, workers)
  }

  deinit { Self.end(workers, shared) }

  /// Calls `body` for every part and returns when all are done.
  package func run(_ body: @escaping Body) {
    guard threads > 1 else { return body(0, 1) }
    turns.take()
    shared.body = body
    shared.pending.store(threads - 1, ordering: .relaxed)
    shared.announce()
    body(0, threads)
    var spins = 0
    while shared.pending.load(ordering: .acquiring) != 0 {
      fovea_pause()
      spins += 1
      if spins > Shared.spinLimit { sched_yield() }
    }
    turns.end()
  }

  private static func end(_ workers: [pthread_t], _ shared: Shared) {
    shared.stop.store(true, ordering: .relaxed)
    shared.announce()
    for worker in workers { pthread_join(worker, nil) }
  }

  private static func start(_ part: Int, _ shared: Shared) throws -> pthread_t {
    let argument = Unmanaged.passRetained(WorkerStart(part: part, shared: shared))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
        start.shared.work(part: start.part)
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      argument.release()
      throw InferenceError(
        "cannot start a thread (\(String(cString: strerror(status)))); ask for fewer threads")
    }
    return thread
  }
}

private final class WorkerStart {
  let part: Int
  let shared: Shared
  init(part: Int, shared: Shared) { (self.part, self.shared) = (part, shared) }
}

/// What the threads of one pool share.
private final class Shared: @unchecked Sendable {
  // Safety: `body` is written by the caller whose turn it is, before `generation` grows (releasing), and read after that is seen
  // (acquiring); it is written again only after every worker has counted `pending` down and the next caller has seen the turn end.
  var body: ThreadPool.Body?
  let threads: Int
  let generation = Atomic<Int>(0)
  let pending = Atomic<Int>(0)
  let sleepers = Atomic<Int>(0)
  let stop = Atomic<Bool>(false)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Rounds of `pause` before a thread parks: some tens of microseconds.
  static let spinLimit = 2000

  init(threads: Int) {
    self.threads = threads
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
  }

  deinit {
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(mutex)
    wake.deallocate()
    mutex.deallocate()
  }

  /// Starts the next round. Sequentially consistent with `awaitGeneration`: either the sleeper sees the new generation or we see it.
  func announce() {
    generation.add(1, ordering: .sequentiallyConsistent)
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
  }

  func work(part: Int) {
    var seen = 0
    while true {
      awaitGeneration(after: seen)
      seen += 1
      if stop.load(ordering: .relaxed) { return }
      body?(part, threads)
      pending.subtract(1, ordering: .releasing)
    }
  }

  private func awaitGeneration(after seen: Int) {
    for _ in 0..<Self.spinLimit {
      if generation.load(ordering: .acquiring) != seen { return }
      fovea_pause()
    }
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen { pthread_cond_wait(wake, mutex) }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }
}
