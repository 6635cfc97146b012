import Inference
import Tensors

extension ImporterTable {
  /// Operators of dynamic quantisation: products of whole numbers, computed in float32. Their sums are exact up to 16,777,216.
  static let integers: [String: ImporterEntry] = [
    "DynamicQuantizeLinear": entry(1...1, outputs: 3) { _ in DynamicQuantizeLinear() },
    "ConvInteger": entry(2...4, convInteger),
    "MatMulInteger": entry(2...4, matMulInteger),
    "com.microsoft.MatMulIntegerToFloat": entry(4...7, matMulIntegerToFloat),
    "com.microsoft.DynamicQuantizeMatMul": entry(3...5, dynamicQuantizeMatMul),
  ]

  private static func convInteger(_ context: ImportContext) throws -> any Operator {
    let operands = [context.number(at: 0, zero: 2, axis: 0), context.number(at: 1, zero: 3, axis: 0)]
    return try whole(context, context.emit(conv(context), operands))
  }

  private static func matMulInteger(_ context: ImportContext) throws -> any Operator {
    let operands = [context.number(at: 0, zero: 2, axis: -2), context.number(at: 1, zero: 3, axis: -1)]
    return try whole(context, context.emit(MatMul(), operands))
  }

  /// Sums of products of whole numbers are whole: what a kernel's order of summation adds to them is rounded off.
  private static func whole(_ context: ImportContext, _ product: ValueID) throws -> any Operator {
    context.inputs = [product]
    return RoundedToWhole()
  }

  /// A, B, scales, zero points, bias.
  private static func matMulIntegerToFloat(_ context: ImportContext) throws -> any Operator {
    let a = context.real(at: 0, scale: 2, zero: 4, axis: -2)
    let b = context.real(at: 1, scale: 3, zero: 5, axis: -1)
    return biased(context, context.emit(MatMul(), [a, b]), bias: 6)
  }

  /// A of float32, B, its scale, its zero point, bias.
  private static func dynamicQuantizeMatMul(_ context: ImportContext) throws -> any Operator {
    let b = context.real(at: 1, scale: 2, zero: 3, axis: -1)
    let a = context.emit(RoundedToLevels(), [context.inputs[0]])
    return biased(context, context.emit(MatMul(), [a, b]), bias: 4)
  }

  private static func biased(_ context: ImportContext, _ product: ValueID, bias: Int) -> any Operator {
    guard context.hasInput(bias) else {
      context.inputs = [product]
      return Identity()
    }
    context.inputs = [product, context.inputs[bias]]
    return Add()
  }
}

extension ImportContext {
  /// A whole number less its zero point, as float32.
  func number(at index: Int, zero: Int, axis: Int) -> ValueID {
    let count = constant(zero)?.shape.count ?? 1
    let isTable = (constant(zero)?.shape.rank ?? 0) > 0 && count > 1
    let scale = addConstant(
      Tensor([Float](repeating: 1, count: count), isTable ? [count] : constant(zero)?.shape ?? []))
    return emit(DequantizeLinear(axis: axis), [inputs[index], scale] + (hasInput(zero) ? [inputs[zero]] : []))
  }

  /// What a quantised input stands for.
  func real(at index: Int, scale: Int, zero: Int, axis: Int) -> ValueID {
    emit(DequantizeLinear(axis: axis), [inputs[index], inputs[scale]] + (hasInput(zero) ? [inputs[zero]] : []))
  }
}
