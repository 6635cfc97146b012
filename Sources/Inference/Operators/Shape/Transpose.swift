import Tensors

/// The axes in another order: axis i of the output is axis `permutation[i]` of the input. ONNX Transpose.
package struct Transpose: Operator {
  package var kind: LayerKind { .shape }
  package var positionSource: PositionSource { .same }
  package var rearrangesPositions: Bool { true }
  /// The order; nil: reversed.
  package var permutation: [Int]?

  package init(permutation: [Int]? = nil) { self.permutation = permutation }

  /// True when only axes of extent 1 change places.
  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool {
    let order = permutation ?? Array((0..<inputs[0].rank).reversed())
    let moving = order.filter { inputs[0][$0] != 1 }
    return moving == moving.sorted()
  }

  /// The input's type with its extents in the new order.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let data = try inputs.required(0, "data").type
    let order = permutation ?? Array((0..<data.shape.rank).reversed())
    guard order.sorted() == Array(0..<data.shape.rank) else {
      throw OperatorError("perm \(order) is not an order of the \(data.shape.rank) axes of \(data.shape)")
    }
    return [TensorType(data.element, Shape(order.map { data.shape[$0] }))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let out = outputs[0]
    let from = AxisList(stridesOf: data.shape)
    let to = AxisList(stridesOf: out.shape)
    var walk = StridedWalk()
    for axis in 0..<out.shape.rank {
      walk.append(out.shape.dimensions[axis], to[axis], from[permutation?[axis] ?? (data.shape.rank - 1 - axis)])
    }
    stridedCopy(walk, size: out.type.size, to: out.pointer, from: data.pointer)
  }
}
