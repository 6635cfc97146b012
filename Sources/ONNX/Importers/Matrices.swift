import Inference

extension ImporterTable {
  /// Matrix products, and the conversions of quantised models.
  static let matrices: [String: ImporterEntry] = [
    "Gemm": entry(2...3) { context in
      Gemm(
        alpha: try context.float("alpha", default: 1), beta: try context.float("beta", default: 1),
        transposeA: try context.flag("transA"), transposeB: try context.flag("transB"))
    },
    "MatMul": entry(2...2) { _ in MatMul() },
    "Einsum": ImporterEntry { context in
      try context.expectInputs(max(context.inputs.count, 1)...max(context.inputs.count, 1))
      return Einsum(equation: try EinsumEquation(required(context.string("equation"), "equation")))
    },
    "QuantizeLinear": entry(2...3, quantize),
    "DequantizeLinear": entry(2...3) { DequantizeLinear(axis: try quantizationAxis($0)) },
  ]

  static func quantize(_ context: ImportContext) throws -> any Operator {
    // How float8 overflows, and the type of an intermediate result; no such types are supported.
    _ = try context.int("saturate")
    return QuantizeLinear(
      axis: try quantizationAxis(context), type: try context.elementType("output_dtype") ?? .uint8)
  }

  static func quantizationAxis(_ context: ImportContext) throws -> Int {
    if try context.int("block_size", default: 0) != 0 {
      throw OperatorError("has a scale for each block (block_size), which is not supported")
    }
    return try context.int("axis", default: 1)
  }
}
