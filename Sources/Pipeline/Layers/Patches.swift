import CKernels
import Inference
import Synchronization
import Tensors

/// A place of the stream that excited a unit.
package struct Patch: Sendable {
  /// The unit's value there.
  package let activation: Float
  package let frame: UInt64
  /// Seconds on the stream's time line.
  package let time: Double
  /// The same in the first pass of a loop.
  let moment: Double
  package let y: Int, x: Int
  /// What the unit saw: `PatchBook.side`² R'G'B' bytes.
  package let pixels: [UInt8]
}

/// The nine patches that excited each unit of a layer most, of different moments: of those within one second only the strongest
/// stays, since a still scene would otherwise fill the page with one picture. A loop shows the same moment in every pass.
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
  func wants(_ activation: Float, of unit: Int, at moment: Double) -> Bool {
    guard activation > 0, activation.isFinite else { return false }
    return state.withLock { state in
      let page = state.pages[unit]
      if let near = page.first(where: { abs($0.moment - moment) < 1 }) { return activation > near.activation * 1.02 }
      return page.count < Self.capacity || activation > (page.last?.activation ?? 0)
    }
  }

  /// Keeps the patch in the place of one of the same moment, or of the weakest.
  func add(_ patch: Patch, to unit: Int) {
    state.withLock { state in
      var page = state.pages[unit]
      page.removeAll { abs($0.moment - patch.moment) < 1 }
      let place = page.firstIndex { $0.activation < patch.activation } ?? page.count
      page.insert(patch, at: place)
      if page.count > Self.capacity { page.removeLast() }
      state.pages[unit] = page
      state.versions[unit] += 1
    }
  }
}

/// Cuts what a unit saw out of the network's input, as R'G'B' bytes.
struct PatchCutter {
  private let transform: InputTransform
  private let field: ReceptiveField?

  /// - Parameter field: of the layer; nil where a unit sees everything, or what it sees is no window.
  init(_ transform: InputTransform, field: ReceptiveField?) { (self.transform, self.field) = (transform, field) }

  /// The pixels of the input that the position (y, x) of the map sees, cut at the edges.
  func span(y: Int, x: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    guard let field else { return (0..<transform.height, 0..<transform.width) }
    func cut(_ axis: FieldAxis, _ position: Int, _ size: Int) -> Range<Int> {
      let start = axis.offset + position * axis.stride
      let low = min(max(start, 0), size - 1)
      return low..<max(low + 1, min(start + axis.size, size))
    }
    return (cut(field.height, y, transform.height), cut(field.width, x, transform.width))
  }

  /// The patch, `PatchBook.side`² pixels, the nearest pixel for each.
  func pixels(y: Int, x: Int, from input: UnsafePointer<Float>) -> [UInt8] {
    let (rows, columns) = span(y: y, x: x)
    let side = PatchBook.side
    let extent = max(rows.count, columns.count)
    // A square around the field's middle keeps the proportions; beyond the input it is grey.
    let (top, left) = (
      (rows.lowerBound + rows.upperBound - extent) / 2, (columns.lowerBound + columns.upperBound - extent) / 2
    )
    let places = (0..<side).map { left + $0 * extent / side }
    // The columns that lie inside.
    var result = [UInt8](repeating: 40, count: side * side * 3)
    guard let first = places.firstIndex(where: { columns.contains($0) }) else { return result }
    let inside = places[first...].prefix { columns.contains($0) }.map { Int32($0) }
    for row in 0..<side {
      let y = top + row * extent / side
      guard rows.contains(y) else { continue }
      result.withUnsafeMutableBufferPointer { result in
        guard let target = result.baseAddress.map({ $0 + (row * side + first) * 3 }) else { return }
        for color in 0..<3 { copy(inside, color, input, y, target + color) }
      }
    }
    return result
  }

  /// Red, green or blue of some pixels of a row of the input, the normalisation undone; three bytes apart.
  private func copy(
    _ columns: [Int32], _ color: Int, _ input: UnsafePointer<Float>, _ y: Int, _ target: UnsafeMutablePointer<UInt8>
  ) {
    let plane =
      switch transform.color {
      case .rgb: color
      case .bgr: 2 - color
      case .gray: 0
      }
    fovea_statistics_patch_row(
      target, input + (plane * transform.height + y) * transform.width, columns, Int32(columns.count),
      transform.std[plane] / transform.scale, transform.mean[plane] / transform.scale)
  }
}
