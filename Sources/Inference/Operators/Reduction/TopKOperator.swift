import Tensors

/// The k largest (or smallest) elements along an axis, best first, and their positions as int64; of equal elements the
/// first. ONNX TopK.
package struct TopKOperator: Operator {
  package var selectsBest: Bool { true }
  package let name = "TopK"
  /// The axis; a negative one counts from the end.
  package var axis: Int
  /// True: the largest; false: the smallest.
  package var picksLargest: Bool

  /// A selection; the second input is k.
  package init(axis: Int = -1, picksLargest: Bool = true) { (self.axis, self.picksLargest) = (axis, picksLargest) }

  /// Values of the input's type and int64 positions, both with extent k along the axis.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let data = try inputs.required(0, "X")
    try data.require([.float32], "X")
    let along = try normalizedAxis(axis, rank: data.type.shape.rank)
    guard let k = try inputs.integers(1, "K"), k.count == 1 else { throw OperatorError("K must be one number") }
    guard k[0] >= 0, k[0] <= data.type.shape[along] else {
      throw OperatorError("the best \(k[0]) of \(data.type.shape[along]) elements")
    }
    var shape = data.type.shape
    shape[along] = k[0]
    return [TensorType(.float32, shape), TensorType(.int64, shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    if data.type == .float64 {
      select(data, outputs, Double.self)
    } else {
      select(data, outputs, Float.self)
    }
  }

  private func select<T: Real>(_ data: TensorView, _ outputs: [TensorView], _: T.Type) {
    let along = axis < 0 ? axis + data.shape.rank : axis
    let (extent, k) = (data.shape.dimensions[along], outputs[0].shape.dimensions[along])
    guard k > 0 else { return }
    var inner = 1
    for i in (along + 1)..<max(data.shape.rank, along + 1) { inner *= data.shape.dimensions[i] }
    let (from, values) = (data.elements(as: T.self), outputs[0].elements(as: T.self))
    let positions = outputs.count > 1 ? outputs[1].elements(as: Int64.self) : nil
    withUnsafeTemporaryAllocation(of: Int.self, capacity: extent) { buffer in
      var order = buffer
      for lane in 0..<(values.count / k) {
        let (outer, column) = lane.quotientAndRemainder(dividingBy: inner)
        let start = outer * extent * inner + column
        for i in 0..<extent { order[i] = i }
        order.sort { a, b in
          let (x, y) = (from[start + a * inner], from[start + b * inner])
          return x == y ? a < b : picksLargest ? x > y : x < y
        }
        for i in 0..<k {
          let to = outer * k * inner + i * inner + column
          values[to] = from[start + order[i] * inner]
          positions?[to] = Int64(order[i])
        }
      }
    }
  }
}
