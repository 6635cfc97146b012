import Tensors

/// A tensor with margins: `pads` gives for each axis how many elements come before and, after all those, how many come
/// behind; negative ones cut. ONNX Pad.
package struct Pad: Operator {
  /// What stands in the margins.
  package enum Mode: String, Sendable, CaseIterable {
    case constant
    /// The picture mirrored at its outermost elements, which are not repeated.
    case reflect
    /// The outermost elements repeated.
    case edge
    /// The picture repeated.
    case wrap
  }

  package var kind: LayerKind { .shape }
  /// Only where every margin is 0: one that cuts on one side and adds as much on the other keeps the extents and moves all elements.
  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool {
    amounts(constants, rank: inputs[0].rank)?.allSatisfy { $0.before == 0 && $0.after == 0 } ?? false
  }
  package var mode: Mode
  /// The pads when the model gives them as an attribute (before opset 11).
  package var pads: [Int]?
  /// The value of `constant` margins when the model gives it as an attribute (before opset 11).
  package var value: Float

  /// Margins; `pads` nil: inputs 1 to 3 are pads, value and axes.
  package init(mode: Mode = .constant, pads: [Int]? = nil, value: Float = 0) {
    (self.mode, self.pads, self.value) = (mode, pads, value)
  }

  /// How many elements come before and behind along each axis that is padded; nil where they are computed.
  /// - Parameter constants: the node's inputs, where they are constant.
  func amounts(_ constants: [Tensor?], rank: Int) -> [(axis: Int, before: Int, after: Int)]? {
    func integers(_ index: Int) -> [Int]? {
      index < constants.count ? try? constants[index]?.integers("pads") : nil
    }
    guard let given = pads ?? integers(1) else { return nil }
    let axes = integers(3) ?? Array(0..<rank)
    guard given.count == 2 * axes.count, axes.allSatisfy({ (-rank..<rank).contains($0) }) else { return nil }
    return axes.enumerated().map { index, axis in
      (axis < 0 ? axis + rank : axis, given[index], given[index + axes.count])
    }
  }

  /// The input's type with wider extents.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 4)
    let data = try inputs.required(0, "data").type
    if pads != nil { try inputs[0]?.require([.float32], "data") }
    guard let pads = try pads ?? inputs.integers(1, "pads") else { throw OperatorError("pads are missing") }
    if let value = try inputs.optional(2, "constant_value"),
      value.type.element != data.element || value.type.shape.count != 1
    {
      throw OperatorError("constant_value is \(value.type); one \(data.element) is expected")
    }
    let given = try inputs.integers(3, "axes")
    let axes = try normalizedAxes(given ?? Array(0..<data.shape.rank), rank: data.shape.rank)
    guard pads.count == 2 * axes.count else {
      throw OperatorError("\(pads.count) pads for \(axes.count) axes; twice as many are needed")
    }
    var extents = data.shape.dimensions
    for (index, axis) in axes.enumerated() {
      extents[axis] = try padded(extents[axis], pads[index], pads[index + axes.count])
    }
    return [TensorType(data.element, try checkedShape(extents))]
  }

  private func padded(_ extent: Int, _ before: Int, _ after: Int) throws -> Int {
    guard before.magnitude <= OperatorLimits.elements, after.magnitude <= OperatorLimits.elements else {
      throw OperatorError("pads of \(before) and \(after) are too large")
    }
    let result = extent + before + after
    guard result >= 0 else { throw OperatorError("pads of \(before) and \(after) cut more than the extent \(extent)") }
    guard extent > 0 || mode == .constant || result == 0 else {
      throw OperatorError("mode \(mode) has nothing to repeat in an axis of extent 0")
    }
    return result
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let (before, out) = (margins(inputs, data.shape.rank), outputs[0])
    if mode == .constant { fillMargins(inputs, out) }
    switch out.type.size {
    case 1: copyInside(UInt8.self, data, out, before)
    case 2: copyInside(UInt16.self, data, out, before)
    case 4: copyInside(UInt32.self, data, out, before)
    default: copyInside(UInt64.self, data, out, before)
    }
  }

  private func margins(_ inputs: [TensorView?], _ rank: Int) -> AxisList {
    var before = AxisList()
    let axes = inputs.count > 3 ? inputs[3] : nil
    for index in 0..<(axes?.shape.count ?? rank) {
      let axis = axes?.integer(index) ?? index
      before[axis < 0 ? axis + rank : axis] = pads?[index] ?? inputs[1]?.integer(index) ?? 0
    }
    return before
  }

  private func fillMargins(_ inputs: [TensorView?], _ out: TensorView) {
    if pads == nil, inputs.count > 2, let value = inputs[2] {
      fill(out, with: value.pointer)
    } else if pads != nil {
      out.reals.fill(Double(value))
    } else {
      out.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: out.type.size * out.shape.count)
    }
  }

  /// Row by row over the output; a row or element whose source lies outside a constant margin is left as filled.
  private func copyInside<T>(_: T.Type, _ data: TensorView, _ out: TensorView, _ before: AxisList) {
    let (from, to) = (data.pointer.assumingMemoryBound(to: T.self), out.pointer.assumingMemoryBound(to: T.self))
    let (rank, count) = (out.shape.rank, out.shape.count)
    guard count > 0 else { return }
    guard rank > 0 else { return to.update(from: from, count: 1) }
    let strides = AxisList(stridesOf: data.shape)
    let (width, extent) = (out.shape.dimensions[rank - 1], data.shape.dimensions[rank - 1])
    for row in 0..<(count / width) {
      var (rest, start) = (row, 0)
      for axis in stride(from: rank - 2, through: 0, by: -1) {
        let (quotient, position) = rest.quotientAndRemainder(dividingBy: out.shape.dimensions[axis])
        let index = source(position - before[axis], data.shape.dimensions[axis])
        start = index < 0 || start < 0 ? -1 : start + index * strides[axis]
        rest = quotient
      }
      if start < 0 { continue }
      let line = to + row * width
      let (first, last) = (max(0, before[rank - 1]), min(width, before[rank - 1] + extent))
      if first < last {
        (line + first).update(from: from + start + first - before[rank - 1], count: last - first)
      }
      if mode == .constant { continue }
      for x in 0..<width where x < first || x >= last {
        line[x] = from[start + source(x - before[rank - 1], extent)]
      }
    }
  }

  /// Where element `i` of an axis of `extent` comes from; -1: from a constant margin.
  private func source(_ i: Int, _ extent: Int) -> Int {
    if i >= 0 && i < extent { return i }
    switch mode {
    case .constant: return -1
    case .edge: return min(max(i, 0), extent - 1)
    case .wrap: return ((i % extent) + extent) % extent
    case .reflect:
      if extent == 1 { return 0 }
      let period = 2 * (extent - 1)
      let phase = ((i % period) + period) % period
      return phase < extent ? phase : period - phase
    }
  }
}

extension Pad: ShiftsPositions {
  func shifts(_ constants: [Tensor?], rank: Int) -> [(axis: Int, shift: (pad: Int, step: Int)?)]? {
    amounts(constants, rank: rank)?.map { ($0.axis, ($0.before, 1)) }
  }
}
