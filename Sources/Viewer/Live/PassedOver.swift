import Synchronization

/// Counts the snapshots that readers had no time for: a reader that takes the newest one
/// passes over those since its last one.
final class PassedOver: Sendable {
  private let total = Atomic<Int>(0)

  /// How many there were.
  var count: Int { total.load(ordering: .relaxed) }

  /// A reader whose last snapshot was `last`, 0 for none yet, takes `next` now.
  func note(from last: UInt64, to next: UInt64) {
    guard last > 0, next > last + 1 else { return }
    total.add(Int(clamping: next - last - 1), ordering: .relaxed)
  }
}
