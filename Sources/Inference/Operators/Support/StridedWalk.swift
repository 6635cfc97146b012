import Tensors

/// Up to eight extents, strides or positions, without an allocation.
typealias AxisList = SIMD8<Int>

/// Nested loops in row-major order over at most eight axes and up to four operands, each with strides of its own.
///
/// Axes of extent 1 vanish and neighbours that every operand steps through evenly are merged, so that the innermost
/// row is as long as it can be.
struct StridedWalk {
  /// The offset of a row in each operand, in elements.
  struct Offsets {
    var a = 0
    var b = 0
    var c = 0
    var d = 0
  }

  private var rank = 0
  private var extents = AxisList(repeating: 1)
  private var stepsA = AxisList()
  private var stepsB = AxisList()
  private var stepsC = AxisList()
  private var stepsD = AxisList()
  private var isEmpty = false

  init() {}

  /// Adds the next inner axis with the step of each operand, in elements.
  mutating func append(_ extent: Int, _ a: Int, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0) {
    if extent == 0 { isEmpty = true }
    if extent <= 1 { return }
    let outer = rank - 1
    let merges =
      outer >= 0 && stepsA[outer] == a * extent && stepsB[outer] == b * extent && stepsC[outer] == c * extent
      && stepsD[outer] == d * extent
    let axis = merges ? outer : rank
    extents[axis] = merges ? extents[axis] * extent : extent
    (stepsA[axis], stepsB[axis], stepsC[axis], stepsD[axis]) = (a, b, c, d)
    if !merges { rank += 1 }
  }

  /// Steps in the innermost row.
  var rowCount: Int { rank == 0 ? 1 : extents[rank - 1] }

  /// The step of each operand within a row, in elements.
  var rowSteps: Offsets {
    rank == 0 ? Offsets() : Offsets(a: stepsA[rank - 1], b: stepsB[rank - 1], c: stepsC[rank - 1], d: stepsD[rank - 1])
  }

  /// Calls `body` with the offsets of each row's first element, outermost axes slowest.
  @inline(__always)
  func forEachRow(_ body: (Offsets) -> Void) {
    if isEmpty { return }
    var position = AxisList()
    var offsets = Offsets()
    while true {
      body(offsets)
      var axis = rank - 2
      while axis >= 0 {
        position[axis] += 1
        let last = position[axis] == extents[axis]
        let steps = last ? 1 - extents[axis] : 1
        offsets.a += stepsA[axis] * steps
        offsets.b += stepsB[axis] * steps
        offsets.c += stepsC[axis] * steps
        offsets.d += stepsD[axis] * steps
        if !last { break }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension AxisList {
  /// Row-major strides of `shape` in elements.
  init(stridesOf shape: Shape) {
    self.init()
    var step = 1
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      self[axis] = step
      step *= shape.dimensions[axis]
    }
  }

  /// Strides that repeat `shape` over the axes of `output` by NumPy's broadcasting: 0 where it has extent 1.
  init(broadcasting shape: Shape, to output: Shape) {
    self.init()
    var step = 1
    let missing = output.rank - shape.rank
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      self[axis + missing] = shape.dimensions[axis] == 1 ? 0 : step
      step *= shape.dimensions[axis]
    }
  }
}

extension StridedWalk {
  /// Over a contiguous output (operand `a`) and up to three inputs (`b`, `c`, `d`) broadcast to it.
  init(output: Shape, _ b: Shape, _ c: Shape = [], _ d: Shape = []) {
    self.init()
    let steps = AxisList(stridesOf: output)
    let stepsB = AxisList(broadcasting: b, to: output)
    let stepsC = AxisList(broadcasting: c, to: output)
    let stepsD = AxisList(broadcasting: d, to: output)
    for axis in 0..<output.rank {
      append(output.dimensions[axis], steps[axis], stepsB[axis], stepsC[axis], stepsD[axis])
    }
  }
}
