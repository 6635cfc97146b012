import Tensors

extension Window {
  /// The type of the pool's output. Throws `OperatorError` for what cannot be pooled.
  func pooledType(of type: TensorType) throws -> TensorType {
    let input = try Planar(type, of: "an input")
    try check()
    if case .explicit(let pads) = padding {
      // onnxruntime's rule, too: otherwise a window could lie wholly in the padding.
      guard max(pads.top, pads.bottom) < span.height, max(pads.left, pads.right) < span.width else {
        throw OperatorError("has padding as large as its window of \(span)")
      }
    }
    let output = try output(input: input.spatial)
    return TensorType(.float32, Planar.shape(like: type.shape, channels: input.channels, output))
  }

  /// Writes for each window what `reduce` makes of it.
  /// - Parameter reduce: gets the positions in the input of the taps that lie inside it, and how many taps lie inside the input
  ///   or its padding.
  func pool(_ shape: Shape, to output: TensorView, _ reduce: (_ taps: [Int], _ padded: Int) -> Double) {
    let y = output.reals
    forEachWindow(shape, output.shape) { y[$0] = reduce($1, $2) }
  }

  /// Calls `body` for each window.
  /// - Parameter body: gets the position in the output, those in the input of the taps that lie inside it, and how many taps lie inside
  ///   the input or its padding.
  func forEachWindow(_ shape: Shape, _ output: Shape, _ body: (_ place: Int, _ taps: [Int], _ padded: Int) -> Void) {
    let (input, result) = (Planar(shape), Planar(output))
    let pads = resolvedPads(input: input.spatial)
    var next = 0
    for plane in 0..<input.batch * input.channels {
      let first = plane * input.spatial.height * input.spatial.width
      for p in 0..<result.spatial.height {
        let rows = taps(
          p * strides.height - pads.top, kernel.height, dilations.height, input.spatial.height, pads.bottom)
        for q in 0..<result.spatial.width {
          let columns = taps(
            q * strides.width - pads.left, kernel.width, dilations.width, input.spatial.width, pads.right)
          let inside = rows.inside.flatMap { row in
            columns.inside.map { first + row * input.spatial.width + $0 }
          }
          body(next, inside, rows.padded * columns.padded)
          next += 1
        }
      }
    }
  }

  /// Along one axis: the taps inside the input, and how many lie inside it or its padding.
  private func taps(
    _ start: Int, _ kernel: Int, _ dilation: Int, _ extent: Int, _ after: Int
  ) -> (inside: [Int], padded: Int) {
    let all = (0..<kernel).map { start + $0 * dilation }
    return (all.filter { (0..<extent).contains($0) }, all.count { $0 < extent + after })
  }
}
