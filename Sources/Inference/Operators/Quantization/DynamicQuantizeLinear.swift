import Tensors

/// Where the levels of a uint8 lie for numbers from `low` to `high`, both with 0 among them: ONNX DynamicQuantizeLinear.
private struct Levels {
  let scale: Double
  let zero: Double

  init(_ x: TensorView) {
    var (low, high) = (0.0, 0.0)
    let values = x.reals
    for i in values.indices where values[i].isFinite { (low, high) = (min(low, values[i]), max(high, values[i])) }
    // The scale is a float32 number in the model.
    let step = Double((Float(high) - Float(low)) / 255)
    scale = step > 0 ? step : 1
    zero = min(max(Double((-Float(low) / Float(scale)).rounded(.toNearestOrEven)), 0), 255)
  }

  func level(_ value: Double) -> Double {
    let level = Double((Float(value) / Float(scale)).rounded(.toNearestOrEven)) + zero
    return level.isNaN ? zero : min(max(level, 0), 255)
  }
}

/// Numbers as uint8, with the scale and zero point that their own range gives. ONNX DynamicQuantizeLinear.
///
/// Input: x of float32. Outputs: y of uint8, its scale, its zero point.
package struct DynamicQuantizeLinear: Operator {
  package var isRounding: Bool { true }
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let x = try inputs.required(0, "x")
    try x.require([.float32], "x")
    return [TensorType(.uint8, x.type.shape), TensorType(.float32, []), TensorType(.uint8, [])]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let levels = Levels(x)
    let (from, to) = (x.reals, outputs[0].elements(as: UInt8.self))
    for i in from.indices { to[i] = UInt8(levels.level(from[i])) }
    outputs[1].reals[0] = levels.scale
    outputs[2].elements(as: UInt8.self)[0] = UInt8(levels.zero)
  }
}

/// Numbers rounded to the 256 levels that their own range gives, as float32: DynamicQuantizeLinear, read back.
package struct RoundedToLevels: Operator {
  package var isRounding: Bool { true }
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let levels = Levels(x)
    let (from, to) = (x.reals, outputs[0].reals)
    for i in from.indices { to[i] = (levels.level(from[i]) - levels.zero) * levels.scale }
  }
}

/// Sums of products of whole numbers, which are whole but for the rounding of float32, as int32.
package struct RoundedToWhole: Operator {
  package var isRounding: Bool { true }
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [TensorType(.int32, try floatType(of: inputs).shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0]?.reals else { return }
    let to = outputs[0].elements(as: Int32.self)
    for i in to.indices { to[i] = Int32(saturating: x[i].rounded(.toNearestOrEven)) }
  }
}
