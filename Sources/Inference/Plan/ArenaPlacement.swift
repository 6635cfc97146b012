/// Gives each allocation a place in one arena such that allocations that are live at the same step do not overlap.
///
/// Greedy by size: the largest first, each at the lowest offset that is free for its whole lifetime
/// (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, section 5).
enum ArenaPlacement {
  /// Every place starts at a multiple of this.
  static let alignment = 64

  /// The bytes that an allocation needs, and the steps during which it must be intact.
  struct Request {
    var byteCount: Int
    var lifetime: ClosedRange<Int>
  }

  /// The offset for each request, and the bytes that the arena needs.
  static func place(_ requests: [Request]) -> (offsets: [Int], byteCount: Int) {
    var offsets = [Int](repeating: 0, count: requests.count)
    // From the lowest offset to the highest.
    var placed: [Int] = []
    var total = 0
    let order = requests.indices.sorted {
      (requests[$1].byteCount, $0) < (requests[$0].byteCount, $1)
    }
    for index in order {
      let request = requests[index]
      let size = rounded(request.byteCount)
      var offset = 0
      for rival in placed where requests[rival].lifetime.overlaps(request.lifetime) {
        if offset + size <= offsets[rival] { break }
        offset = max(offset, offsets[rival] + rounded(requests[rival].byteCount))
      }
      offsets[index] = offset
      total = max(total, offset + size)
      placed.insert(index, at: placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex)
    }
    return (offsets, total)
  }

  private static func rounded(_ bytes: Int) -> Int {
    (max(bytes, 1) + alignment - 1) / alignment * alignment
  }
}
