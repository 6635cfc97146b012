import Tensors

/// A tensor repeated by NumPy's broadcasting to a shape. ONNX Expand.
package struct Expand: Operator {
  package var kind: LayerKind { .shape }
  package var rearrangesPositions: Bool { true }
  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool { true }
  package init() {}

  /// The input's type under the broadcast of its shape and the shape input.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let input = try inputs.required(0, "input").type
    guard let extents = try inputs.integers(1, "shape") else { throw OperatorError("input shape is missing") }
    return [TensorType(input.element, try broadcastShape([input.shape, checkedShape(extents)]))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let input = inputs[0] else { return }
    let walk = StridedWalk(output: outputs[0].shape, input.shape)
    stridedCopy(walk, size: input.type.size, to: outputs[0].pointer, from: input.pointer)
  }
}

/// A tensor repeated as a whole, `repeats[i]` times along axis i. ONNX Tile.
package struct Tile: Operator {
  package var kind: LayerKind { .shape }
  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool { true }
  package init() {}

  /// The input's type with its extents multiplied.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let input = try inputs.required(0, "input").type
    guard let repeats = try inputs.integers(1, "repeats") else { throw OperatorError("input repeats is missing") }
    // Twice the axes are walked: the copies and the elements of each.
    guard repeats.count == input.shape.rank, repeats.allSatisfy({ $0 >= 0 && $0 <= OperatorLimits.elements }) else {
      throw OperatorError("repeats \(repeats) do not fit a tensor of \(input.shape.rank) axes")
    }
    let extents = zip(input.shape.dimensions, repeats).map { $0.multipliedReportingOverflow(by: $1).partialValue }
    return [TensorType(input.element, try checkedShape(extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let input = inputs[0] else { return }
    let (size, count) = (input.type.size, input.shape.count)
    guard outputs[0].shape.count > 0 else { return }
    // The last axis grows first: after each axis the part made so far is a contiguous block that repeats.
    let (from, to) = (AxisList(stridesOf: input.shape), AxisList(stridesOf: outputs[0].shape))
    var walk = StridedWalk()
    for axis in 0..<input.shape.rank { walk.append(input.shape.dimensions[axis], to[axis], from[axis]) }
    stridedCopy(walk, size: size, to: outputs[0].pointer, from: input.pointer)
    for axis in stride(from: input.shape.rank - 1, through: 0, by: -1) where count > 0 {
      repeatBlocks(axis, input.shape, outputs[0], to)
    }
  }

  /// Copies, in every block that exists so far, the first part along `axis` to the following ones.
  private func repeatBlocks(_ axis: Int, _ shape: Shape, _ out: TensorView, _ strides: AxisList) {
    let size = out.type.size
    let block = shape.dimensions[axis] * strides[axis] * size
    let copies = out.shape.dimensions[axis] / shape.dimensions[axis]
    var outer = StridedWalk()
    for i in 0..<axis { outer.append(shape.dimensions[i], strides[i]) }
    let (rowCount, step) = (outer.rowCount, outer.rowSteps.a)
    outer.forEachRow { at in
      for i in 0..<rowCount {
        let start = out.pointer + (at.a + i * step) * size
        for copy in 1..<max(copies, 1) { (start + copy * block).copyMemory(from: start, byteCount: block) }
      }
    }
  }
}
