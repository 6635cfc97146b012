import Tensors

/// A box of a tensor: along each named axis the elements start, start + step, … before end, where negative positions
/// count from the end and positions outside are clamped. ONNX Slice.
package struct SliceOperator: Operator {
  package let name = "Slice"
  package var kind: LayerKind { .shape }
  /// The box when the model gives it as attributes (before opset 10): starts, ends and axes of equal length.
  package var box: Box?

  /// Starts, ends and axes as numbers.
  package struct Box: Sendable, Hashable {
    package var starts: [Int], ends: [Int]
    /// The axes; nil: the first ones.
    package var axes: [Int]?

    package init(starts: [Int], ends: [Int], axes: [Int]?) {
      (self.starts, self.ends, self.axes) = (starts, ends, axes)
    }
  }

  /// A slice; `box` nil: inputs 1 to 4 are starts, ends, axes and steps.
  package init(box: Box? = nil) { self.box = box }

  /// The input's type with the box's extents.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 5)
    let data = try inputs.required(0, "data").type
    guard let starts = try box?.starts ?? inputs.integers(1, "starts"),
      let ends = try box?.ends ?? inputs.integers(2, "ends")
    else { throw OperatorError("starts or ends are missing") }
    let given = try box == nil ? inputs.integers(3, "axes") : box?.axes
    let axes = try normalizedAxes(given ?? Array(starts.indices), rank: data.shape.rank)
    let steps = try box == nil ? inputs.integers(4, "steps") ?? starts.map { _ in 1 } : starts.map { _ in 1 }
    guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
      throw OperatorError("starts, ends, axes and steps differ in length")
    }
    var extents = data.shape.dimensions
    for (index, axis) in axes.enumerated() {
      guard steps[index] != 0 else { throw OperatorError("a step of 0 along axis \(axis)") }
      extents[axis] = Cut(extents[axis], starts[index], ends[index], steps[index]).count
    }
    return [TensorType(data.element, Shape(extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let out = outputs[0]
    var from = AxisList(stridesOf: data.shape)
    let to = AxisList(stridesOf: out.shape)
    var start = 0
    for index in 0..<(box?.starts.count ?? inputs[1]?.shape.count ?? 0) {
      let (axis, cut) = cut(index, inputs, data.shape)
      start += cut.first * from[axis]
      from[axis] *= cut.step
    }
    guard out.shape.count > 0 else { return }
    var walk = StridedWalk()
    for axis in 0..<out.shape.rank { walk.append(out.shape.dimensions[axis], to[axis], from[axis]) }
    stridedCopy(walk, size: out.type.size, to: out.pointer, from: data.pointer + start * data.type.size)
  }

  /// The positions that it takes of one axis; nil when it cuts along another.
  /// - Parameter inputs: the node's, where they are constant.
  func positions(along axis: Int, of shape: Shape, _ inputs: [TensorView?]) -> [Int]? {
    var positions = Array(0..<shape[axis])
    for index in 0..<(box?.starts.count ?? inputs[1]?.shape.count ?? 0) {
      let (other, cut) = cut(index, inputs, shape)
      if other == axis {
        positions = (0..<cut.count).map { cut.first + $0 * cut.step }
      } else if cut.first != 0 || cut.step != 1 || cut.count != shape[other] {
        return nil
      }
    }
    return positions
  }

  private func cut(_ index: Int, _ inputs: [TensorView?], _ shape: Shape) -> (Int, Cut) {
    let axis: Int
    let (start, end, step): (Int, Int, Int)
    if let box {
      axis = box.axes?[index] ?? index
      (start, end, step) = (box.starts[index], box.ends[index], 1)
    } else {
      axis = (inputs.count > 3 ? inputs[3]?.integer(index) : nil) ?? index
      (start, end) = (inputs[1]?.integer(index) ?? 0, inputs[2]?.integer(index) ?? 0)
      step = (inputs.count > 4 ? inputs[4]?.integer(index) : nil) ?? 1
    }
    let along = axis < 0 ? axis + shape.rank : axis
    return (along, Cut(shape.dimensions[along], start, end, step))
  }
}

/// The positions that a slice takes of one axis.
private struct Cut {
  /// The first position, 0 when there is none.
  let first: Int
  /// From one to the next, limited to the extent so that products cannot overflow.
  let step: Int
  let count: Int

  init(_ extent: Int, _ start: Int, _ end: Int, _ step: Int) {
    func position(_ p: Int) -> Int { p < 0 ? p + extent : p }
    self.step = max(-max(extent, 1), min(step, max(extent, 1)))
    let forwards = step > 0
    let from = forwards ? min(max(position(start), 0), extent) : min(max(position(start), 0), extent - 1)
    let to = forwards ? min(max(position(end), 0), extent) : min(max(position(end), -1), extent - 1)
    let distance = forwards ? to - from : from - to
    count = extent == 0 || distance <= 0 ? 0 : (distance + self.step.magnitude.asInt - 1) / self.step.magnitude.asInt
    first = count == 0 ? 0 : from
  }
}

extension UInt {
  fileprivate var asInt: Int { Int(clamping: self) }
}

extension SliceOperator: ShiftsPositions {
  func shifts(_ constants: [Tensor?], rank: Int) -> [(axis: Int, shift: (pad: Int, step: Int)?)]? {
    func integers(_ index: Int) -> [Int]? {
      index < constants.count ? try? constants[index]?.integers("axes") : nil
    }
    guard let starts = box?.starts ?? integers(1) else { return nil }
    let axes = (box == nil ? integers(3) : box?.axes) ?? Array(starts.indices)
    let steps = box == nil ? integers(4) : nil
    return axes.enumerated().map { index, axis in
      let step = steps?[index] ?? 1
      return (axis < 0 ? axis + rank : axis, step > 0 && starts[index] >= 0 ? (-starts[index], step) : nil)
    }
  }
}
