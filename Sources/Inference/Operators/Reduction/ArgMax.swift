import Tensors

/// The position of the largest (or smallest) element along an axis, as int64. NaN counts as neither. ONNX ArgMax, ArgMin.
package struct ArgMax: Operator {
  package var selectsBest: Bool { true }
  /// True: the smallest (ArgMin).
  package var picksSmallest: Bool
  /// The axis; a negative one counts from the end.
  package var axis: Int
  /// True: the axis stays with extent 1; false: it vanishes.
  package var keepsAxis: Bool
  /// Of equal elements, the last; otherwise the first.
  package var selectsLast: Bool

  package var name: String { picksSmallest ? "ArgMin" : "ArgMax" }

  package init(axis: Int = 0, keepsAxis: Bool = true, selectsLast: Bool = false, picksSmallest: Bool = false) {
    (self.axis, self.keepsAxis, self.selectsLast) = (axis, keepsAxis, selectsLast)
    self.picksSmallest = picksSmallest
  }

  /// int64, the input's shape without, or with extent 1 at, the axis.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let data = try inputs.required(0, "data")
    try data.require(arithmeticTypes, "data")
    var extents = data.type.shape.dimensions
    let along = try normalizedAxis(axis, rank: extents.count)
    guard extents[along] > 0 else { throw OperatorError("axis \(along) of \(data.type.shape) is empty") }
    if keepsAxis { extents[along] = 1 } else { extents.remove(at: along) }
    return [TensorType(.int64, Shape(extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    switch data.type {
    case .float32: search(data, outputs[0], Float.self)
    case .float64: search(data, outputs[0], Double.self)
    case .int32: search(data, outputs[0], Int32.self)
    default: search(data, outputs[0], Int64.self)
    }
  }

  private func search<T: Comparable>(_ data: TensorView, _ out: TensorView, _: T.Type) {
    let along = axis < 0 ? axis + data.shape.rank : axis
    let extent = data.shape.dimensions[along]
    var inner = 1
    for i in (along + 1)..<max(data.shape.rank, along + 1) { inner *= data.shape.dimensions[i] }
    let (from, to) = (data.elements(as: T.self), out.elements(as: Int64.self))
    for index in 0..<to.count {
      let start = index / inner * inner * extent + index % inner
      var best = 0
      for i in 1..<max(extent, 1) {
        let (candidate, champion) = (from[start + i * inner], from[start + best * inner])
        let better = picksSmallest ? candidate < champion : candidate > champion
        if better || (selectsLast && candidate == champion) { best = i }
      }
      to[index] = Int64(best)
    }
  }
}
