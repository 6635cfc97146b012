import Tensors

/// Tensors one after the other along an axis. ONNX Concat.
package struct Concat: Operator {
  package var kind: LayerKind { .join }
  /// The axis; a negative one counts from the end.
  package var axis: Int

  package init(axis: Int) { self.axis = axis }

  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool { inputs.count == 1 }

  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? {
    inputs.map(\.description).joined(separator: " and ") + " side by side"
  }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality {
    axis == 1 || axis == -3 ? .elementwise(constants: constants) : .everything
  }

  /// The first input's type, extents along the axis added up.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let first = try inputs.required(0, "0").type
    let along = try normalizedAxis(axis, rank: first.shape.rank)
    var extents = first.shape.dimensions
    for index in 1..<max(inputs.count, 1) {
      let next = try inputs.required(index, "\(index)").type
      var others = next.shape.dimensions
      guard others.count == extents.count else {
        throw OperatorError("inputs of \(extents.count) and \(others.count) axes")
      }
      guard next.element == first.element else {
        throw OperatorError("inputs of different types, \(first.element) and \(next.element)")
      }
      let (total, overflow) = extents[along].addingReportingOverflow(others[along])
      others[along] = extents[along]
      guard others == extents, !overflow else {
        throw OperatorError("\(first.shape) and \(next.shape) differ beside axis \(along)")
      }
      extents[along] = total
    }
    return [TensorType(first.element, try checkedShape(extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let out = outputs[0]
    let along = axis < 0 ? axis + out.shape.rank : axis
    var (outer, inner) = (1, out.type.size)
    for i in 0..<along { outer *= out.shape.dimensions[i] }
    for i in (along + 1)..<max(out.shape.rank, along + 1) { inner *= out.shape.dimensions[i] }
    let pitch = out.shape.dimensions[along] * inner
    var start = 0
    for case let input? in inputs {
      let bytes = input.shape.dimensions[along] * inner
      for row in 0..<outer {
        (out.pointer + row * pitch + start).copyMemory(from: input.pointer + row * bytes, byteCount: bytes)
      }
      start += bytes
    }
  }
}

/// A tensor cut into parts along an axis. ONNX Split.
package struct Split: Operator {
  /// How the extents of the parts are given.
  package enum Parts: Sendable, Hashable {
    /// By the second input.
    case input
    /// As numbers (the attribute before opset 13).
    case extents([Int])
    /// Equal parts, the last one smaller when it does not divide (num_outputs of opset 18, or neither given).
    case equal(Int)
  }

  package var kind: LayerKind { .shape }
  /// The axis; a negative one counts from the end.
  package var axis: Int
  package var parts: Parts
  /// The parts that the node names.
  package var outputCount: Int

  package init(axis: Int, parts: Parts, outputCount: Int) {
    (self.axis, self.parts, self.outputCount) = (axis, parts, outputCount)
  }

  /// One type per part.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let data = try inputs.required(0, "input").type
    let along = try normalizedAxis(axis, rank: data.shape.rank)
    let extents = try partExtents(data.shape[along], inputs)
    let (total, overflow) = extents.reduce((0, false)) { sum, extent in
      let (next, over) = sum.0.addingReportingOverflow(extent)
      return (next, sum.1 || over)
    }
    guard extents.count == outputCount, extents.allSatisfy({ $0 >= 0 }), !overflow, total == data.shape[along] else {
      throw OperatorError("axis \(along) of \(data.shape) cannot be split into \(outputCount) parts of \(extents)")
    }
    return extents.map { extent in
      var part = data.shape
      part[along] = extent
      return TensorType(data.element, part)
    }
  }

  private func partExtents(_ extent: Int, _ inputs: [OperatorInput?]) throws -> [Int] {
    switch parts {
    case .extents(let extents): return extents
    case .input:
      guard let extents = try inputs.integers(1, "split") else { throw OperatorError("input split is missing") }
      return extents
    case .equal(let count):
      guard count > 0, count <= 1 << 16 else { throw OperatorError("a split into \(count) parts") }
      let each = (extent + count - 1) / count
      return (0..<count).map { max(0, min(each, extent - $0 * each)) }
    }
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let along = axis < 0 ? axis + data.shape.rank : axis
    var (outer, inner) = (1, data.type.size)
    for i in 0..<along { outer *= data.shape.dimensions[i] }
    for i in (along + 1)..<max(data.shape.rank, along + 1) { inner *= data.shape.dimensions[i] }
    let pitch = data.shape.dimensions[along] * inner
    var start = 0
    for part in outputs {
      let bytes = part.shape.dimensions[along] * inner
      for row in 0..<outer {
        (part.pointer + row * bytes).copyMemory(from: data.pointer + row * pitch + start, byteCount: bytes)
      }
      start += bytes
    }
  }
}
