/// The watches of the layers that are watched, and of those that were: their patches stay while nobody looks, as far as there is
/// room for them. Of a network with many units the patches of all layers would fill a gigabyte.
struct LayerWatches {
  private var all: [String: LayerWatch] = [:]
  /// Names, the one that was watched last at the end.
  private var order: [String] = []
  private let room: Int

  /// - Parameter room: bytes for the patches of layers that nobody watches any more.
  init(room: Int = 128 << 20) { self.room = room }

  /// The watch of this layer, if there is one.
  subscript(name: String) -> LayerWatch? { all[name] }

  /// From now on these layers are watched: makes the watches that are missing, and forgets those that were not looked at for
  /// longest where room is short. `make` gives nil for what cannot be watched.
  mutating func watch(_ names: [String], make: (String) -> LayerWatch?) {
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
