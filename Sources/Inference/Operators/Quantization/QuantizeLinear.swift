import Tensors

private let quantizedTypes: [ElementType] = [.uint8, .int8, .uint16, .int16]

/// Checks scale and zero point: one element, or one axis as long as the data's `axis`.
private func checkParameters(_ shape: Shape, _ axis: Int, _ inputs: [OperatorInput?], _ zeroTypes: [ElementType]) throws
{
  let scale = try inputs.required(1, "scale")
  try scale.require([.float32], "scale")
  if scale.type.shape.count != 1 || scale.type.shape.rank > 1 {
    let along = try normalizedAxis(axis, rank: shape.rank)
    guard scale.type.shape == [shape[along]] else {
      throw OperatorError(
        "scale is \(scale.type.shape); one number or \(shape[along]) for axis \(along) of \(shape) are supported")
    }
  }
  guard let zero = try inputs.optional(2, "zero_point") else { return }
  try zero.require(zeroTypes, "zero_point")
  guard zero.type.shape.count == scale.type.shape.count else {
    throw OperatorError("zero_point is \(zero.type.shape) but scale is \(scale.type.shape)")
  }
}

/// Calls `body` with a run of elements and the index of their scale.
@inline(__always)
private func forEachRun(_ shape: Shape, _ axis: Int, _ scales: Int, _ body: (Range<Int>, Int) -> Void) {
  let count = shape.count
  guard count > 0 else { return }
  guard scales > 1 else { return body(0..<count, 0) }
  var inner = 1
  for i in ((axis < 0 ? axis + shape.rank : axis) + 1)..<shape.rank { inner *= shape.dimensions[i] }
  for run in 0..<(count / inner) { body(run * inner..<(run + 1) * inner, run % scales) }
}

/// y = saturate(round(x / scale) + zero), rounding halves to even, per tensor or along an axis. ONNX QuantizeLinear.
package struct QuantizeLinear: Operator {
  /// The axis of a scale with several elements.
  package var axis: Int
  /// The output's type without a zero point.
  package var type: ElementType

  package init(axis: Int = 1, type: ElementType = .uint8) { (self.axis, self.type) = (axis, type) }

  package var isRounding: Bool { true }

  /// The input's shape, of the zero point's type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 3)
    let x = try inputs.required(0, "x")
    try x.require([.float32], "x")
    try checkParameters(x.type.shape, axis, inputs, quantizedTypes)
    let result = try inputs.optional(2, "zero_point")?.type.element ?? type
    guard quantizedTypes.contains(result) else { throw OperatorError("an output of \(result) is not supported") }
    return [TensorType(result, x.type.shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    switch outputs[0].type {
    case .uint8: quantize(inputs, outputs[0], UInt8.self)
    case .int8: quantize(inputs, outputs[0], Int8.self)
    case .uint16: quantize(inputs, outputs[0], UInt16.self)
    default: quantize(inputs, outputs[0], Int16.self)
    }
  }

  private func quantize<T: FixedWidthInteger>(_ inputs: [TensorView?], _ out: TensorView, _: T.Type) {
    guard let x = inputs[0], let scale = inputs[1] else { return }
    let (from, scales, to) = (x.floats, scale.floats, out.elements(as: T.self))
    let zeros = inputs.count > 2 ? inputs[2]?.elements(as: T.self) : nil
    let (low, high) = (Float(T.min), Float(T.max))
    forEachRun(x.shape, axis, scales.count) { run, index in
      let (divisor, zero) = (scales[index], Float(zeros?[index] ?? 0))
      for i in run {
        let value = (from[i] / divisor).rounded(.toNearestOrEven) + zero
        to[i] = value.isNaN ? 0 : T(min(max(value, low), high))
      }
    }
  }
}

/// y = (x - zero) · scale as float32, per tensor or along an axis. ONNX DequantizeLinear.
package struct DequantizeLinear: Operator {
  /// The axis of a scale with several elements.
  package var axis: Int

  package init(axis: Int = 1) { self.axis = axis }

  package var isRounding: Bool { true }

  /// The input's shape, float32.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 3)
    let x = try inputs.required(0, "x")
    try x.require(quantizedTypes + [.int32], "x")
    try checkParameters(x.type.shape, axis, inputs, [x.type.element])
    return [TensorType(.float32, x.type.shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    switch inputs[0]?.type {
    case .uint8: dequantize(inputs, outputs[0], UInt8.self)
    case .int8: dequantize(inputs, outputs[0], Int8.self)
    case .uint16: dequantize(inputs, outputs[0], UInt16.self)
    case .int16: dequantize(inputs, outputs[0], Int16.self)
    default: dequantize(inputs, outputs[0], Int32.self)
    }
  }

  private func dequantize<T: FixedWidthInteger>(_ inputs: [TensorView?], _ out: TensorView, _: T.Type) {
    guard let x = inputs[0], let scale = inputs[1] else { return }
    let (from, scales, to) = (x.elements(as: T.self), scale.floats, out.floats)
    let zeros = inputs.count > 2 ? inputs[2]?.elements(as: T.self) : nil
    forEachRun(x.shape, axis, scales.count) { run, index in
      let (factor, zero) = (scales[index], Int(zeros?[index] ?? 0))
      for i in run { to[i] = Float(Int(from[i]) - zero) * factor }
    }
  }
}
