import Tensors

/// How elements are folded to one.
package enum Reduction: String, Sendable, CaseIterable {
  case mean = "ReduceMean"
  case sum = "ReduceSum"
  case product = "ReduceProd"
  case maximum = "ReduceMax"
  case minimum = "ReduceMin"
  /// Sum of magnitudes.
  case l1 = "ReduceL1"
  /// Square root of the sum of squares.
  case l2 = "ReduceL2"
  case sumSquare = "ReduceSumSquare"
  /// Logarithm of the sum.
  case logSum = "ReduceLogSum"
}

/// The elements along some axes folded to one. ONNX ReduceMean, ReduceSum and their kin.
package struct Reduce: Operator {
  package var reduction: Reduction
  /// The axes when the model gives them as an attribute (before opset 18; of ReduceSum, 13).
  package var axes: [Int]?
  /// True: a reduced axis stays with extent 1; false: it vanishes.
  package var keepsAxes: Bool
  /// True: without axes nothing is reduced; false: everything is.
  package var doesNothingWithoutAxes: Bool

  package var name: String { reduction.rawValue }
  package var isMean: Bool { reduction == .mean }

  /// A reduction; `axes` nil: the second input says which.
  package init(
    _ reduction: Reduction, axes: [Int]? = nil, keepsAxes: Bool = true, doesNothingWithoutAxes: Bool = false
  ) {
    (self.reduction, self.axes, self.keepsAxes) = (reduction, axes, keepsAxes)
    self.doesNothingWithoutAxes = doesNothingWithoutAxes
  }

  /// The input's type without, or with extent 1 at, the reduced axes.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let data = try inputs.required(0, "data")
    try data.require(arithmeticTypes, "data")
    let shape = data.type.shape
    let given = try axes ?? inputs.integers(1, "axes") ?? []
    let reduced = try normalizedAxes(given, rank: shape.rank)
    let all = reduced.isEmpty && !doesNothingWithoutAxes
    var extents: [Int] = []
    for axis in 0..<shape.rank {
      if !all && !reduced.contains(axis) {
        extents.append(shape[axis])
      } else if keepsAxes {
        extents.append(1)
      }
    }
    return [TensorType(data.type.element, try checkedShape(extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let walks = reductionWalks(inputs, data.shape)
    switch data.type {
    case .float32: fold(data, outputs[0], walks, Float.self) { Float($0) }
    case .float64: fold(data, outputs[0], walks, Double.self) { $0 }
    case .int32: foldIntegers(data, outputs[0], walks, Int32.self)
    default: foldIntegers(data, outputs[0], walks, Int64.self)
    }
  }

  /// One walk over what stays (output `a`, input `b`) and one over what is folded (input `a`).
  private func reductionWalks(_ inputs: [TensorView?], _ shape: Shape) -> (kept: StridedWalk, folded: StridedWalk) {
    var isReduced = AxisList()
    let list = axes == nil && inputs.count > 1 ? inputs[1] : nil
    let count = axes?.count ?? list?.shape.count ?? 0
    for i in 0..<count {
      let axis = axes?[i] ?? list?.integer(i) ?? 0
      isReduced[axis < 0 ? axis + shape.rank : axis] = 1
    }
    let all = count == 0 && !doesNothingWithoutAxes
    let from = AxisList(stridesOf: shape)
    var step = 1
    var to = AxisList()
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) where !all && isReduced[axis] == 0 {
      to[axis] = step
      step *= shape.dimensions[axis]
    }
    var (kept, folded) = (StridedWalk(), StridedWalk())
    for axis in 0..<shape.rank {
      if all || isReduced[axis] == 1 {
        folded.append(shape.dimensions[axis], from[axis])
      } else {
        kept.append(shape.dimensions[axis], to[axis], from[axis])
      }
    }
    return (kept, folded)
  }
}

/// Calls `body` with the input's offset and the output's, for each element of the output.
@inline(__always)
private func forEachOutput(_ kept: StridedWalk, _ body: (_ from: Int, _ to: Int) -> Void) {
  let (count, step) = (kept.rowCount, kept.rowSteps)
  kept.forEachRow { at in
    for i in 0..<count { body(at.b &+ i &* step.b, at.a &+ i &* step.a) }
  }
}

/// `start` folded with each element of a walk from `elements`.
@inline(__always)
private func foldAll<T, A>(
  _ folded: StridedWalk, _ elements: UnsafePointer<T>, _ start: A, _ rule: (A, T) -> A
) -> A {
  let (count, step) = (folded.rowCount, folded.rowSteps.a)
  var value = start
  folded.forEachRow { at in
    let row = elements + at.a
    for i in 0..<count { value = rule(value, row[i &* step]) }
  }
  return value
}

extension Reduce {
  private func fold<T: BinaryFloatingPoint>(
    _ data: TensorView, _ out: TensorView, _ walks: (kept: StridedWalk, folded: StridedWalk), _: T.Type,
    _ round: (Double) -> T
  ) {
    guard out.shape.count > 0, let from = UnsafePointer(data.elements(as: T.self).baseAddress) else { return }
    let (to, count) = (out.elements(as: T.self), Double(data.shape.count / out.shape.count))
    forEachOutput(walks.kept) { offset, index in
      to[index] = round(reduce(walks.folded, from + offset, count))
    }
  }

  private func reduce<T: BinaryFloatingPoint>(
    _ walk: StridedWalk, _ x: UnsafePointer<T>, _ count: Double
  ) -> Double {
    switch reduction {
    case .mean: foldAll(walk, x, 0.0) { $0 + Double($1) } / count
    case .sum: foldAll(walk, x, 0.0) { $0 + Double($1) }
    case .logSum: Double.logarithm(foldAll(walk, x, 0.0) { $0 + Double($1) })
    case .product: foldAll(walk, x, 1.0) { $0 * Double($1) }
    case .maximum: foldAll(walk, x, -Double.infinity) { $0.isNaN || $0 > Double($1) ? $0 : Double($1) }
    case .minimum: foldAll(walk, x, Double.infinity) { $0.isNaN || $0 < Double($1) ? $0 : Double($1) }
    case .l1: foldAll(walk, x, 0.0) { $0 + Double($1).magnitude }
    case .l2: foldAll(walk, x, 0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    case .sumSquare: foldAll(walk, x, 0.0) { $0 + Double($1) * Double($1) }
    }
  }

  private func foldIntegers<T: FixedWidthInteger>(
    _ data: TensorView, _ out: TensorView, _ walks: (kept: StridedWalk, folded: StridedWalk), _: T.Type
  ) {
    guard out.shape.count > 0, let from = UnsafePointer(data.elements(as: T.self).baseAddress) else { return }
    let (to, count) = (out.elements(as: T.self), data.shape.count / out.shape.count)
    forEachOutput(walks.kept) { offset, index in
      to[index] = reduceIntegers(walks.folded, from + offset, count)
    }
  }

  private func reduceIntegers<T: FixedWidthInteger>(_ walk: StridedWalk, _ x: UnsafePointer<T>, _ count: Int) -> T {
    switch reduction {
    case .mean: foldAll(walk, x, T(0)) { $0 &+ $1 } / T(truncatingIfNeeded: max(count, 1))
    case .sum: foldAll(walk, x, 0) { $0 &+ $1 }
    case .product: foldAll(walk, x, 1) { $0 &* $1 }
    case .maximum: foldAll(walk, x, T.min) { max($0, $1) }
    case .minimum: foldAll(walk, x, T.max) { min($0, $1) }
    case .l1: foldAll(walk, x, 0) { $0 &+ ($1 < 0 ? 0 &- $1 : $1) }
    case .sumSquare: foldAll(walk, x, 0) { $0 &+ $1 &* $1 }
    case .l2: T(saturating: foldAll(walk, x, 0.0) { $0 + Double($1) * Double($1) }.squareRoot())
    case .logSum: T(saturating: Double.logarithm(foldAll(walk, x, 0.0) { $0 + Double($1) }))
    }
  }
}
