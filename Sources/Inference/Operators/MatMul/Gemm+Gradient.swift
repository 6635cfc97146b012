import Tensors

extension Gemm: Differentiable {
  /// Y = α A' B' + β C: dA' = α g B'ᵀ, dB' = α A'ᵀ g, dC = β g
  func addGradients(_ scope: inout GradientScope) throws {
    let g = scope.gradient()
    if scope.wants(0) {
      let op =
        transposeA
        ? Gemm(alpha: alpha, transposeA: transposeB, transposeB: true)
        : Gemm(alpha: alpha, transposeB: !transposeB)
      try scope.give(scope.add(op, transposeA ? [scope.input(1), g] : [g, scope.input(1)]), to: 0)
    }
    if scope.wants(1) {
      let op =
        transposeB
        ? Gemm(alpha: alpha, transposeA: true, transposeB: transposeA)
        : Gemm(alpha: alpha, transposeA: !transposeA, transposeB: false)
      try scope.give(scope.add(op, transposeB ? [g, scope.input(0)] : [scope.input(0), g]), to: 1)
    }
    if scope.wants(2) {
      try scope.give(beta == 1 ? g : scope.add(Mul(), [g, scope.number(beta)]), to: 2)
    }
  }
}

extension MatMul: Differentiable {
  /// Y = A B: dA = g Bᵀ, dB = Aᵀ g, summed over the axes along which a factor was repeated.
  func addGradients(_ scope: inout GradientScope) throws {
    let (a, b) = (try matrix(0, &scope), try matrix(1, &scope))
    var shape = scope.shape(scope.output())
    if scope.shape(scope.input(1)).rank == 1 { shape.dimensions.append(1) }
    if scope.shape(scope.input(0)).rank == 1 { shape.dimensions.insert(1, at: shape.rank - 1) }
    let g = try scope.builder.reshape(scope.gradient(), to: shape)
    if scope.wants(0) { try give(scope.add(MatMul(), [g, transposed(b, scope)]), to: 0, like: a, &scope) }
    if scope.wants(1) { try give(scope.add(MatMul(), [transposed(a, scope), g]), to: 1, like: b, &scope) }
  }

  /// A factor as a matrix: an only axis is a row on the left, a column on the right.
  private func matrix(_ input: Int, _ scope: inout GradientScope) throws -> ValueID {
    let shape = scope.shape(scope.input(input))
    guard shape.rank == 1 else { return scope.input(input) }
    return try scope.builder.reshape(scope.input(input), to: input == 0 ? [1, shape[0]] : [shape[0], 1])
  }

  private func transposed(_ value: ValueID, _ scope: GradientScope) throws -> ValueID {
    let rank = scope.shape(value).rank
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    if let constant = scope.builder.graph.values[value].constant {
      return scope.builder.derived(from: constant, "transposed") { Self.transposed($0, order) }
    }
    return try scope.add(Transpose(permutation: order), [value])
  }

  private static func transposed(_ tensor: Tensor, _ order: [Int]) -> Tensor {
    let result = Tensor(tensor.type, Shape(order.map { tensor.shape[$0] }))
    Transpose(permutation: order).forward([tensor.view], [result.view])
    return result
  }

  private func give(
    _ gradient: ValueID, to input: Int, like matrix: ValueID, _ scope: inout GradientScope
  ) throws {
    try scope.give(scope.builder.reduce(gradient, to: scope.shape(matrix)), to: input)
  }
}
