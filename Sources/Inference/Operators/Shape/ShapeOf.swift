import Tensors

/// The extents of a tensor, or those from `start` up to `end`, as int64. ONNX Shape.
package struct ShapeOf: Operator {
  package let name = "Shape"
  package var kind: LayerKind { .shape }
  package var readsTypesOnly: Bool { true }
  /// The first axis; a negative one counts from the end; clamped.
  package var start: Int
  /// The axis after the last; nil: all.
  package var end: Int?

  /// The extents of axes `start` to `end`.
  package init(start: Int = 0, end: Int? = nil) { (self.start, self.end) = (start, end) }

  /// One int64 per axis.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    return [TensorType(.int64, [axes(try inputs.required(0, "data").type.shape.rank).count])]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let out = outputs[0].elements(as: Int64.self)
    for (index, axis) in axes(data.shape.rank).enumerated() { out[index] = Int64(data.shape.dimensions[axis]) }
  }

  private func axes(_ rank: Int) -> Range<Int> {
    func clamp(_ axis: Int) -> Int { min(max(axis < 0 ? axis &+ rank : axis, 0), rank) }
    let first = clamp(start)
    return first..<max(first, end.map(clamp) ?? rank)
  }
}

/// The number of elements of a tensor, as an int64 scalar. ONNX Size.
package struct SizeOf: Operator {
  package let name = "Size"
  package var kind: LayerKind { .shape }
  package var readsTypesOnly: Bool { true }
  package init() {}

  /// An int64 scalar.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    _ = try inputs.required(0, "data")
    return [TensorType(.int64, [])]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    outputs[0].elements(as: Int64.self)[0] = Int64(data.shape.count)
  }
}
