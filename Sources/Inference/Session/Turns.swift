import CKernels
import Foundation
import Synchronization

/// Lets callers pass one after the other, in the order in which they came. Where only one comes it costs two atomic additions, on memory
/// that no other thread looks at.
final class Turns: @unchecked Sendable {
  // Safety: the pointers do not change, and what they point to is made for several threads.
  /// How many callers have come so far.
  let nextTicket = Atomic<Int>(0)
  /// The ticket of the caller whose turn it is.
  private let current = Atomic<Int>(0)
  private let waiting = Atomic<Int>(0)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let ended = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Rounds of `pause` before a caller parks: some tens of microseconds.
  private static let spinLimit = 2000

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(ended, nil)
  }

  deinit {
    pthread_cond_destroy(ended)
    pthread_mutex_destroy(mutex)
    ended.deallocate()
    mutex.deallocate()
  }

  /// Returns when all callers that came before have ended their turns.
  func take() {
    let ticket = nextTicket.add(1, ordering: .relaxed).oldValue
    for _ in 0..<Self.spinLimit {
      if current.load(ordering: .acquiring) == ticket { return }
      fovea_pause()
    }
    pthread_mutex_lock(mutex)
    waiting.add(1, ordering: .sequentiallyConsistent)
    while current.load(ordering: .sequentiallyConsistent) != ticket { pthread_cond_wait(ended, mutex) }
    waiting.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  /// Lets the next caller begin. Sequentially consistent with `take`: either the waiting caller sees its turn or we see that it waits.
  func end() {
    current.add(1, ordering: .sequentiallyConsistent)
    guard waiting.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(ended)
    pthread_mutex_unlock(mutex)
  }
}
