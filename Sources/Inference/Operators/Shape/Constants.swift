import Tensors

/// A tensor of one value, of the shape that the input gives. ONNX ConstantOfShape.
package struct ConstantOfShape: Operator {
  package var kind: LayerKind { .shape }
  /// The value: one element of any type.
  package var value: Tensor

  package init(value: Tensor = Tensor([Float(0)], [1])) { self.value = value }

  /// The value's type under that shape.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    guard value.shape.count == 1 else { throw OperatorError("value has \(value.shape.count) elements, not 1") }
    guard let extents = try inputs.integers(0, "input") else { throw OperatorError("input is missing") }
    return [TensorType(value.type, try checkedShape(extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) { fill(outputs[0], with: value.view.pointer) }
}

/// start, start + delta, … before limit: all three constant scalars. ONNX Range.
package struct RangeOperator: Operator {
  package let name = "Range"
  package var kind: LayerKind { .shape }
  package init() {}

  /// One axis of max(0, ⌈(limit - start) / delta⌉) elements of the inputs' type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 3)
    let type = try inputs.required(0, "start").type.element
    let terms = try ["start", "limit", "delta"].enumerated().map { index, name in
      let input = try inputs.required(index, name)
      try input.require([type], name)
      guard let constant = input.constant, constant.shape.count == 1 else {
        throw OperatorError("input \(name) must be a constant scalar")
      }
      return constant.view
    }
    let count: Double
    switch type {
    case .float32, .float64:
      let v = terms.map { type == .float32 ? Double($0.floats[0]) : $0.elements(as: Double.self)[0] }
      count = ((v[1] - v[0]) / v[2]).rounded(.up)
    case .int32, .int64:
      let v = terms.map { Double($0.integer(0)) }
      count = ((v[1] - v[0]) / v[2]).rounded(.up)
    default: throw OperatorError("input start is \(type); supported: float32, float64, int32, int64")
    }
    guard count.isFinite, count <= Double(OperatorLimits.elements) else {
      throw OperatorError("a range of \(count) elements")
    }
    return [TensorType(type, [max(0, Int(count))])]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let start = inputs[0], let delta = inputs[2] else { return }
    let out = outputs[0]
    switch out.type {
    case .float32:
      let (to, first, step) = (out.floats, start.floats[0], delta.floats[0])
      for i in 0..<to.count { to[i] = first + Float(i) * step }
    case .float64:
      let to = out.elements(as: Double.self)
      let (first, step) = (start.elements(as: Double.self)[0], delta.elements(as: Double.self)[0])
      for i in 0..<to.count { to[i] = first + Double(i) * step }
    case .int32:
      let (to, first, step) = (out.elements(as: Int32.self), start.integer(0), delta.integer(0))
      for i in 0..<to.count { to[i] = Int32(truncatingIfNeeded: first &+ i &* step) }
    default:
      let (to, first, step) = (out.elements(as: Int64.self), start.integer(0), delta.integer(0))
      for i in 0..<to.count { to[i] = Int64(first &+ i &* step) }
    }
  }
}
