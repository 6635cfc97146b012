import Tensors

extension GradientBuilder {
  /// A gradient [N, C, H, W] summed over rows and columns, [N, C, 1, 1].
  ///
  /// Behind a fully connected layer that reads all positions, y = W flatten(x), it is `Σ_p (Wᵀ g)_cp = (Σ_p W_cp)ᵀ g`: a product by
  /// weights that are summed once and are H·W times fewer, where the whole gradient would read them all from memory.
  func positionSums(of gradient: ValueID) throws -> ValueID {
    let shape = graph.type(of: gradient).shape
    return try sumsOfLinear(gradient, shape) ?? reduce(gradient, to: shape.withoutPositions)
  }

  /// The same where the gradient is nothing but a product by constant weights.
  private func sumsOfLinear(_ gradient: ValueID, _ shape: Shape) throws -> ValueID? {
    guard shape.withoutPositions != shape, shape.count > 0 else { return nil }
    var value = gradient
    while let node = producer(of: value), node.op is any Reinterpretation, let input = node.inputs[0] { value = input }
    guard let node = producer(of: value), let gemm = node.op as? Gemm, node.inputs.count == 2, !gemm.transposeA,
      let weights = node.inputs[1].flatMap({ graph.values[$0].constant }), weights.type == .float32,
      graph.type(of: value).shape == [shape[0], shape.count / shape[0]]
    else { return nil }
    // The columns of the product are channels by positions; they are the weights' rows where these are transposed.
    let count = shape.count / (shape[0] * shape[1])
    let summed = derived(from: weights, "summed \(gemm.transposeB) by \(count)") {
      Self.sums($0, of: count, ofRows: gemm.transposeB)
    }
    return try reshape(add(gemm, [node.inputs[0], summed]), to: shape.withoutPositions)
  }

  /// A matrix whose neighbouring columns, or rows, are summed, so many each.
  private static func sums(_ matrix: Tensor, of count: Int, ofRows: Bool) -> Tensor {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let result = Tensor(.float32, ofRows ? [rows / count, columns] : [rows, columns / count])
    let (from, to) = (matrix.view.floats, result.view.floats)
    for row in 0..<result.shape[0] {
      for column in 0..<result.shape[1] {
        let first = ofRows ? row * count * columns + column : row * columns + column * count
        var sum = 0.0
        for k in 0..<count { sum += Double(from[first + k * (ofRows ? columns : 1)]) }
        to[row * result.shape[1] + column] = Float(sum)
      }
    }
    return result
  }
}
