/// Which of the things that are kept must go. Decides only; deletes nothing itself.
struct RetentionPlan {
  /// Files that belong together.
  struct Item {
    var paths: [String]
    var bytes: Int
    /// Seconds since 1970.
    var time: Double
    /// The event that they belong to; nil for a segment of a recording.
    var event: Int64?
    var isProtected: Bool
  }

  /// An item that goes, and why.
  struct Doomed {
    var paths: [String], bytes: Int, event: Int64?
    var reason: String
  }

  /// Seconds; bytes of all together; bytes that stay free on the disk.
  let maxAge: Double?, maxBytes: Int?, minFree: Int

  /// The oldest first.
  /// - Parameters:
  ///   - free: bytes that the disk has left; nil where that is not known.
  ///   - now: seconds since 1970.
  func doomed(_ items: [Item], free: Int?, at now: Double) -> [Doomed] {
    var (all, room) = (items.reduce(0) { $0 + $1.bytes }, free)
    var result: [Doomed] = []
    for item in items.sorted(by: { ($0.time, $0.event ?? 0) < ($1.time, $1.event ?? 0) }) where !item.isProtected {
      let reason: String
      if let maxAge, now - item.time > maxAge {
        reason = "older than max_age"
      } else if let maxBytes, all > maxBytes {
        reason = "all together larger than max_size"
      } else if let free = room, free < minFree, item.bytes > 0 {
        reason = "less than min_free left on the disk"
      } else {
        continue
      }
      result.append(Doomed(paths: item.paths, bytes: item.bytes, event: item.event, reason: reason))
      all -= item.bytes
      room = room.map { $0 + item.bytes }
    }
    return result
  }
}
