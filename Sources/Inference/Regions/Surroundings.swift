import Tensors

/// Which region each picture of the batch is about.
final class CurrentRegions: @unchecked Sendable {
  // Safety: belongs to one `RegionSession`, which belongs to one thread at a time; steps only read it.
  private let memory: UnsafeMutableBufferPointer<Int>

  init(batch: Int) {
    memory = .allocate(capacity: batch)
    memory.initialize(repeating: 0)
  }

  subscript(item: Int) -> Int {
    get { memory[item] }
    set { memory[item] = newValue }
  }

  deinit { memory.deallocate() }
}

/// Enlarges windows onto a map by what surrounds them, which has not changed, and by padding outside the map.
///
/// Input: [N, C, h, w], the windows. Output: [N, C, H, W], larger ones.
struct Surroundings: Operator {
  /// Where the inputs and the outputs lie.
  let (inner, outer): (MapWindows, MapWindows)
  /// What stands outside the map.
  let padding: Float
  let map: UnchangedMap
  let regions: CurrentRegions

  init(_ inner: MapWindows, _ outer: MapWindows, padding: Float, map: UnchangedMap, regions: CurrentRegions) {
    (self.inner, self.outer, self.padding, self.map, self.regions) = (inner, outer, padding, map, regions)
  }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try required(inputs, 0, "windows").type
    guard type.element == .float32, type.shape.rank == 4,
      Planar(type.shape).spatial == inner.extent, type.shape[1] == map.extent.channels
    else {
      throw OperatorError("windows of \(type) where \(inner.extent) of \(map.extent.channels) channels are needed")
    }
    return [TensorType(.float32, Planar.shape(like: type.shape, channels: type.shape[1], outer.extent))]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let from = inputs[0]?.floats.baseAddress, let to = outputs[0].floats.baseAddress,
      let base = map.plain?.floats.baseAddress
    else { return }
    let work = SurroundingsWork(self, planes: map.extent.channels, lanes: 1)
    work.run(0..<outputs[0].shape[0] * map.extent.channels, UnsafePointer(base), UnsafePointer(from), to)
  }
}

/// The copying itself, for planes of one channel or of a block of 16.
struct SurroundingsWork {
  private let op: Surroundings
  private let planes: Int, lanes: Int

  init(_ op: Surroundings, planes: Int, lanes: Int) { (self.op, self.planes, self.lanes) = (op, planes, lanes) }

  /// Fills these planes of the batch, counted through.
  func run(
    _ range: Range<Int>, _ base: UnsafePointer<Float>, _ windows: UnsafePointer<Float>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let map = op.map.extent.spatial
    let (inner, outer) = (op.inner.extent, op.outer.extent)
    var index = range.lowerBound
    while index < range.upperBound {
      let (item, plane) = index.quotientAndRemainder(dividingBy: planes)
      let region = op.regions[item]
      fill(
        base + plane * map.height * map.width * lanes, windows + index * inner.height * inner.width * lanes,
        op.inner.origins[region], target + index * outer.height * outer.width * lanes, op.outer.origins[region])
      index += 1
    }
  }

  private func fill(
    _ base: UnsafePointer<Float>, _ window: UnsafePointer<Float>, _ inner: Spatial,
    _ target: UnsafeMutablePointer<Float>, _ outer: Spatial
  ) {
    let (map, small, large) = (op.map.extent.spatial, op.inner.extent, op.outer.extent)
    // Columns of the target that lie in the map, and those of them that the window has.
    let left = min(large.width, max(0, -outer.width))
    let right = max(left, min(large.width, map.width - outer.width))
    let changedLeft = min(right, max(left, inner.width - outer.width))
    let changedRight = max(changedLeft, min(right, inner.width + small.width - outer.width))
    var row = 0
    while row < large.height {
      let (y, to) = (outer.height + row, target + row * large.width * lanes)
      if y < 0 || y >= map.height {
        to.update(repeating: op.padding, count: large.width * lanes)
      } else {
        to.update(repeating: op.padding, count: left * lanes)
        (to + right * lanes).update(repeating: op.padding, count: (large.width - right) * lanes)
        let line = base + (y * map.width + outer.width) * lanes
        let changed = y - inner.height
        if changed < 0 || changed >= small.height || changedLeft == changedRight {
          (to + left * lanes).update(from: line + left * lanes, count: (right - left) * lanes)
        } else {
          (to + left * lanes).update(from: line + left * lanes, count: (changedLeft - left) * lanes)
          let source = window + (changed * small.width + outer.width + changedLeft - inner.width) * lanes
          (to + changedLeft * lanes).update(from: source, count: (changedRight - changedLeft) * lanes)
          (to + changedRight * lanes).update(from: line + changedRight * lanes, count: (right - changedRight) * lanes)
        }
      }
      row += 1
    }
  }
}
