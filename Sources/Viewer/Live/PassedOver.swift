import Synchronization

/// Counts snapshots that somebody had no time for: each one who takes the newest passes over those between it and his last.
final class PassedOver: Sendable {
  private let total = Atomic<Int>(0)

  /// How many there were.
  var count: Int { total.load(ordering: .relaxed) }

  /// Somebody who took the snapshot `last`, 0 for none yet, takes `next` now.
  func note(from last: UInt64, to next: UInt64) {
    guard last > 0, next > last + 1 else { return }
    total.add(Int(clamping: next - last - 1), ordering: .relaxed)
  }
}
