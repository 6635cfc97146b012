import Tensors

/// The matrix product of the last two axes, NumPy's matmul: leading axes are broadcast; an input of one axis is a row
/// (left) or a column (right) whose axis vanishes from the output. ONNX MatMul.
package struct MatMul: Operator {
  package init() {}

  package var kind: LayerKind { .linear }
  package var positionSource: PositionSource { .all }

  package func learns(_ input: Int, _ shape: Shape) -> Bool { true }

  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    saturating(output.count, times: inputs[0].dimensions.last ?? 0)
  }

  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? {
    "\(inputs[0]) times \(inputs[1]) = \(output)"
  }

  /// float32 […, M, N].
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let (a, b) = (try inputs.required(0, "A"), try inputs.required(1, "B"))
    try a.require([.float32], "A")
    try b.require([.float32], "B")
    let (left, right) = (a.type.shape.dimensions, b.type.shape.dimensions)
    guard let k = left.last, !right.isEmpty else { throw OperatorError("a factor is a scalar") }
    guard k == right[max(right.count - 2, 0)] else {
      throw OperatorError("A is \(a.type.shape) and B is \(b.type.shape); they share no extent")
    }
    let batch = try broadcastShape([Shape(Array(left.dropLast(2))), Shape(Array(right.dropLast(2)))])
    let rows = left.count > 1 ? [left[left.count - 2]] : []
    let columns = right.count > 1 ? [right[right.count - 1]] : []
    return [TensorType(.float32, try checkedShape(batch.dimensions + rows + columns))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0], let b = inputs[1] else { return }
    if outputs[0].type == .float64 {
      multiply(a, b, outputs[0], Double.self)
    } else {
      multiply(a, b, outputs[0], Float.self)
    }
  }

  private func multiply<T: Real>(_ a: TensorView, _ b: TensorView, _ y: TensorView, _: T.Type) {
    guard let out = y.elements(as: T.self).baseAddress, let from = a.elements(as: T.self).baseAddress,
      let with = b.elements(as: T.self).baseAddress
    else { return }
    let k = a.shape.dimensions[a.shape.rank - 1]
    let m = a.shape.rank > 1 ? a.shape.dimensions[a.shape.rank - 2] : 1
    let n = b.shape.rank > 1 ? b.shape.dimensions[b.shape.rank - 1] : 1
    let walk = batchWalk(a.shape, b.shape, m * n, m * k, k * n)
    let (count, step) = (walk.rowCount, walk.rowSteps)
    walk.forEachRow { at in
      for i in 0..<count {
        let left = MatrixView(elements: from + at.b + i * step.b, rowStep: k, columnStep: 1)
        let right = MatrixView(elements: with + at.c + i * step.c, rowStep: n, columnStep: 1)
        let to = out + at.a + i * step.a
        matrixProduct(left, right, rows: m, columns: n, depth: k, into: to) { sum, _, _ in T(sum) }
      }
    }
  }

  /// Over the leading axes: output (`a`), left (`b`) and right factor (`c`), whose matrices have these counts.
  private func batchWalk(_ a: Shape, _ b: Shape, _ outCount: Int, _ leftCount: Int, _ rightCount: Int) -> StridedWalk {
    var (steps, left, right) = (AxisList(), AxisList(), AxisList())
    var (out, l, r) = (outCount, leftCount, rightCount)
    let rank = max(a.rank, b.rank, 2) - 2
    var extents = AxisList(repeating: 1)
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      let (i, j) = (axis - rank + a.rank - 2, axis - rank + b.rank - 2)
      let (x, y) = (i >= 0 ? a.dimensions[i] : 1, j >= 0 ? b.dimensions[j] : 1)
      extents[axis] = x == 1 ? y : x
      (steps[axis], left[axis], right[axis]) = (out, x == 1 ? 0 : l, y == 1 ? 0 : r)
      (out, l, r) = (out * extents[axis], l * x, r * y)
    }
    var walk = StridedWalk()
    for axis in 0..<rank { walk.append(extents[axis], steps[axis], left[axis], right[axis]) }
    return walk
  }
}
