import Tensors

private let indexTypes: [ElementType] = [.int64, .int32]

/// Throws when a constant index lies outside -extent ..< extent. Indices that are not constant are clamped.
private func checkIndices(_ indices: OperatorInput, _ extent: (Int) -> Int) throws {
  try indices.require(indexTypes, "indices")
  guard let constant = indices.constant else { return }
  for position in 0..<constant.shape.count {
    let (index, limit) = (constant.view.integer(position), extent(position))
    guard index >= -limit && index < limit else {
      throw OperatorError("index \(index) lies outside an axis of extent \(limit)")
    }
  }
}

/// `index` counted from the front and clamped into the axis.
private func clampedIndex(_ index: Int, _ extent: Int) -> Int {
  min(max(index < 0 ? index &+ extent : index, 0), extent - 1)
}

/// Slices of `data` along an axis, picked by `indices`:
/// out[before…, indices…, after…] = data[before…, indices[…], after…]. ONNX Gather.
package struct Gather: Operator {
  package var kind: LayerKind { .shape }
  /// The axis; a negative one counts from the end.
  package var axis: Int

  package init(axis: Int = 0) { self.axis = axis }

  /// The data's type; the indices' shape takes the place of the axis.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let (data, indices) = (try inputs.required(0, "data").type, try inputs.required(1, "indices"))
    let along = try normalizedAxis(axis, rank: data.shape.rank)
    var extents = data.shape.dimensions
    extents.replaceSubrange(along...along, with: indices.type.shape.dimensions)
    let out = try checkedShape(extents)
    guard data.shape[along] > 0 || out.count == 0 else { throw OperatorError("axis \(along) of the data is empty") }
    try checkIndices(indices) { _ in data.shape[along] }
    return [TensorType(data.element, out)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0], let indices = inputs[1], outputs[0].shape.count > 0 else { return }
    let along = axis < 0 ? axis + data.shape.rank : axis
    let extent = data.shape.dimensions[along]
    var (outer, block) = (1, data.type.size)
    for i in 0..<along { outer *= data.shape.dimensions[i] }
    for i in (along + 1)..<max(data.shape.rank, along + 1) { block *= data.shape.dimensions[i] }
    var to = outputs[0].pointer
    for row in 0..<outer {
      for i in 0..<indices.shape.count {
        let index = clampedIndex(indices.integer(i), extent)
        to.copyMemory(from: data.pointer + (row * extent + index) * block, byteCount: block)
        to += block
      }
    }
  }
}

/// out[i, j, k] = data[i, indices[i, j, k], k] for axis 1, likewise for others. ONNX GatherElements.
package struct GatherElements: Operator {
  package var kind: LayerKind { .shape }
  /// The axis; a negative one counts from the end.
  package var axis: Int

  package init(axis: Int = 0) { self.axis = axis }

  /// The data's type under the indices' shape.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let (data, indices) = (try inputs.required(0, "data").type, try inputs.required(1, "indices"))
    let along = try normalizedAxis(axis, rank: data.shape.rank)
    let shape = indices.type.shape
    guard shape.rank == data.shape.rank,
      (0..<shape.rank).allSatisfy({ $0 == along ? data.shape[$0] > 0 || shape.count == 0 : shape[$0] <= data.shape[$0] }
      )
    else { throw OperatorError("indices of shape \(shape) for data of shape \(data.shape)") }
    try checkIndices(indices) { _ in data.shape[along] }
    return [TensorType(data.element, shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0], let indices = inputs[1] else { return }
    let (out, size) = (outputs[0], data.type.size)
    let along = axis < 0 ? axis + data.shape.rank : axis
    let from = AxisList(stridesOf: data.shape)
    for position in 0..<out.shape.count {
      var (rest, offset) = (position, 0)
      for axis in stride(from: out.shape.rank - 1, through: 0, by: -1) {
        let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: out.shape.dimensions[axis])
        if axis != along { offset += coordinate * from[axis] }
        rest = quotient
      }
      offset += clampedIndex(indices.integer(position), data.shape.dimensions[along]) * from[along]
      (out.pointer + position * size).copyMemory(from: data.pointer + offset * size, byteCount: size)
    }
  }
}

/// Slices of `data` at the coordinates along the last axis of `indices`, after `batchDimensions` shared axes. ONNX
/// GatherND.
package struct GatherND: Operator {
  package var kind: LayerKind { .shape }
  /// Leading axes that data and indices share.
  package var batchDimensions: Int

  package init(batchDimensions: Int = 0) { self.batchDimensions = batchDimensions }

  /// The data's type; shape: the indices' without its last axis, then the data's axes that no coordinate names.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let (data, indices) = (try inputs.required(0, "data").type, try inputs.required(1, "indices"))
    let (shape, batch) = (indices.type.shape, batchDimensions)
    guard shape.rank > 0, let depth = shape.dimensions.last, depth > 0, batch >= 0, batch < shape.rank,
      batch + depth <= data.shape.rank, shape.dimensions[..<batch] == data.shape.dimensions[..<batch]
    else { throw OperatorError("indices of shape \(shape) for data of shape \(data.shape)") }
    let out = try checkedShape(Array(shape.dimensions.dropLast() + data.shape.dimensions[(batch + depth)...]))
    guard data.shape.count > 0 || out.count == 0 else { throw OperatorError("the data is empty") }
    try checkIndices(indices) { data.shape[batch + $0 % depth] }
    return [TensorType(data.element, out)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0], let indices = inputs[1], outputs[0].shape.count > 0 else { return }
    let (out, depth) = (outputs[0], indices.shape.dimensions[indices.shape.rank - 1])
    let strides = AxisList(stridesOf: data.shape)
    let block = strides[batchDimensions + depth - 1] * data.type.size
    var batches = 1
    for axis in 0..<batchDimensions { batches *= data.shape.dimensions[axis] }
    let (tuples, batchBytes) = (indices.shape.count / depth, data.shape.count / batches * data.type.size)
    for tuple in 0..<tuples {
      var offset = 0
      for i in 0..<depth {
        let axis = batchDimensions + i
        offset += clampedIndex(indices.integer(tuple * depth + i), data.shape.dimensions[axis]) * strides[axis]
      }
      let start = data.pointer + tuple / (tuples / batches) * batchBytes + offset * data.type.size
      (out.pointer + tuple * block).copyMemory(from: start, byteCount: block)
    }
  }
}
