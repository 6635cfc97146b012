import Synchronization

/// Objects with large memory that are filled again when the pool holds the only reference to them.
///
/// In the steady state `take` allocates nothing. One thread at a time.
package struct ReusePool<Object: AnyObject> {
  private var objects: [Object] = []
  /// Objects that are kept; further ones are made for one use.
  private let most: Int

  package init(most: Int = 16) { self.most = most }

  /// An object that only this pool holds, or a new one.
  package mutating func take(_ make: () -> Object) -> Object {
    for index in objects.indices where isKnownUniquelyReferenced(&objects[index]) {
      // What the last holder read, it read before it let go; the object is written again only after that.
      atomicMemoryFence(ordering: .acquiring)
      return objects[index]
    }
    let new = make()
    if objects.count < most { objects.append(new) }
    return new
  }
}
