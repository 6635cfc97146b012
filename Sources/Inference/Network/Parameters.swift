import Synchronization
import Tensors

/// The parameters of a network that have been changed since it was made. Their version grows with each change, and whatever was
/// made of an earlier version is made anew when it is next needed.
final class Parameters: Sendable {
  private let changes = Mutex<[String: Tensor]>([:])
  private let number = Atomic<Int>(0)

  /// Grows with each change. Reading it takes no lock.
  var version: Int { number.load(ordering: .acquiring) }

  /// The version, and by name every tensor that has been given so far, the latest one of each.
  var latest: (version: Int, changes: [String: Tensor]) { changes.withLock { (version, $0) } }

  func set(_ new: [String: Tensor]) {
    changes.withLock {
      $0.merge(new) { $1 }
      number.add(1, ordering: .releasing)
    }
  }
}
