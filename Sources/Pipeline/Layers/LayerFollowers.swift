/// The followers of the layers that are wanted, and of those that were: their patches stay as far as there is room for them. The
/// patches of all layers of a network with many channels would fill a gigabyte.
struct LayerFollowers {
  private var all: [String: LayerFollower] = [:]
  /// Names, the one that was followed last at the end.
  private var order: [String] = []
  private let room: Int

  /// - Parameter room: bytes for the patches of layers that are not followed any more.
  init(room: Int = 128 << 20) { self.room = room }

  /// The follower of this layer, if there is one.
  subscript(name: String) -> LayerFollower? { all[name] }

  /// From now on these layers are followed: makes the followers that are missing, and forgets those that have not been followed for
  /// longest where room is short. `make` gives nil for what cannot be followed.
  mutating func follow(_ names: [String], make: (String) -> LayerFollower?) {
    for name in names where all[name] == nil { all[name] = make(name) }
    order.removeAll { names.contains($0) }
    var left = room
    // The latest first.
    let kept = order.reversed().filter { name in
      left -= all[name]?.patchBytes ?? 0
      return left >= 0
    }
    for name in order where !kept.contains(name) { all[name] = nil }
    order = kept.reversed() + names.filter { all[$0] != nil }
  }
}
