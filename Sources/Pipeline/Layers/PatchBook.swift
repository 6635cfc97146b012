import Synchronization

/// A place of the stream that excited a unit.
package struct Patch: Sendable {
  /// The unit's value there.
  package let activation: Float
  package let frame: UInt64
  package let time: Double
  package let y: Int, x: Int
  /// What the unit saw: `PatchBook.side`² R'G'B' bytes.
  package let pixels: [UInt8]
}

/// The nine patches that excited each unit of a layer most, of different moments: of those within one second only the strongest
/// stays, since a still scene would otherwise fill the page with one picture.
package final class PatchBook: Sendable {
  /// Pixels of a patch along each side.
  package static let side = 48
  /// Patches of a unit.
  package static let capacity = 9
  private struct State {
    var pages: [[Patch]]
    var versions: [Int]
  }
  private let state: Mutex<State>

  init(units: Int) {
    state = Mutex(State(pages: Array(repeating: [], count: units), versions: Array(repeating: 0, count: units)))
  }

  /// The strongest first.
  package func patches(of unit: Int) -> [Patch] {
    state.withLock { $0.pages.indices.contains(unit) ? $0.pages[unit] : [] }
  }

  /// A number that grows when the unit's patches change.
  package func version(of unit: Int) -> Int {
    state.withLock { $0.versions.indices.contains(unit) ? $0.versions[unit] : 0 }
  }

  /// Where a patch of this strength would go; false when it would not stay.
  func wants(_ activation: Float, of unit: Int, at time: Double) -> Bool {
    guard activation > 0, activation.isFinite else { return false }
    return state.withLock { state in
      let page = state.pages[unit]
      if let near = page.first(where: { abs($0.time - time) < 1 }) { return activation > near.activation * 1.02 }
      return page.count < Self.capacity || activation > (page.last?.activation ?? 0)
    }
  }

  /// Keeps the patch in the place of one of the same moment, or of the weakest.
  func add(_ patch: Patch, to unit: Int) {
    state.withLock { state in
      var page = state.pages[unit]
      page.removeAll { abs($0.time - patch.time) < 1 }
      let place = page.firstIndex { $0.activation < patch.activation } ?? page.count
      page.insert(patch, at: place)
      if page.count > Self.capacity { page.removeLast() }
      state.pages[unit] = page
      state.versions[unit] += 1
    }
  }
}
