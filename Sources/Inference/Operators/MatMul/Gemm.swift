import Tensors

/// Y = α · A' · B' + β · C, where A' [M, K] and B' [K, N] are A and B, transposed where asked, and C is broadcast to
/// [M, N]. ONNX Gemm.
package struct Gemm: Operator {
  package var kind: LayerKind { .linear }
  package var positionSource: PositionSource { .all }
  package var alpha: Float, beta: Float
  /// True: A is [K, M].
  package var transposeA: Bool
  /// True: B is [N, K].
  package var transposeB: Bool

  package init(alpha: Float = 1, beta: Float = 1, transposeA: Bool = false, transposeB: Bool = false) {
    (self.alpha, self.beta, self.transposeA, self.transposeB) = (alpha, beta, transposeA, transposeB)
  }

  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    saturating(output.count, times: inputs[0][transposeA ? 0 : 1])
  }

  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? {
    "\(inputs[0]) times \(inputs[1]) = \(output)"
  }

  /// float32 [M, N].
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 3)
    let (a, b) = (try inputs.required(0, "A"), try inputs.required(1, "B"))
    try a.require([.float32], "A")
    try b.require([.float32], "B")
    guard a.type.shape.rank == 2, b.type.shape.rank == 2 else {
      throw OperatorError("A is \(a.type.shape) and B is \(b.type.shape); two matrices are expected")
    }
    let (m, k) = transposeA ? (a.type.shape[1], a.type.shape[0]) : (a.type.shape[0], a.type.shape[1])
    let (l, n) = transposeB ? (b.type.shape[1], b.type.shape[0]) : (b.type.shape[0], b.type.shape[1])
    guard k == l else { throw OperatorError("A is \(a.type.shape) and B is \(b.type.shape); they share no extent") }
    let out = try checkedShape([m, n])
    if let c = try inputs.optional(2, "C") {
      try c.require([.float32], "C")
      guard c.type.shape.rank <= 2, try broadcastShape([c.type.shape, out]) == out else {
        throw OperatorError("C of \(c.type.shape) cannot be broadcast to \(out)")
      }
    }
    return [TensorType(.float32, out)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0], let b = inputs[1] else { return }
    let c = inputs.count > 2 ? inputs[2] : nil
    if outputs[0].type == .float64 {
      multiply(a, b, c, outputs[0], Double.self)
    } else {
      multiply(a, b, c, outputs[0], Float.self)
    }
  }

  private func multiply<T: Real>(_ a: TensorView, _ b: TensorView, _ c: TensorView?, _ y: TensorView, _: T.Type) {
    guard let out = y.elements(as: T.self).baseAddress, let from = a.elements(as: T.self).baseAddress,
      let with = b.elements(as: T.self).baseAddress
    else { return }
    let (shape, alpha, beta) = (y.shape, T(alpha), T(beta))
    let (m, n) = (shape.dimensions[0], shape.dimensions[1])
    let k = a.shape.dimensions[transposeA ? 0 : 1]
    let left = MatrixView(elements: from, rowStep: transposeA ? 1 : k, columnStep: transposeA ? m : 1)
    let right = MatrixView(elements: with, rowStep: transposeB ? 1 : n, columnStep: transposeB ? k : 1)
    if let c, let bias = UnsafePointer(c.elements(as: T.self).baseAddress) {
      let steps = AxisList(broadcasting: c.shape, to: shape)
      matrixProduct(left, right, rows: m, columns: n, depth: k, into: out) { sum, i, j in
        alpha * T(sum) + beta * bias[i * steps[0] + j * steps[1]]
      }
    } else {
      matrixProduct(left, right, rows: m, columns: n, depth: k, into: out) { sum, _, _ in alpha * T(sum) }
    }
  }
}
