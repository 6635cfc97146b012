import Tensors

/// ONNX GlobalAveragePool: the mean of each channel's plane. Input: [N, C, …]; output: [N, C, 1, …].
package struct GlobalAveragePool: Operator {
  package init() {}
  package var kind: LayerKind { .pooling }
  package var isMean: Bool { true }
  package var isChannelwise: Bool { true }

  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? { planesNote(inputs[0]) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try globalType(of: inputs)] }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    poolPlanes(inputs, outputs) { x, plane in plane.reduce(0.0) { $0 + x[$1] } / Double(plane.count) }
  }
}

/// ONNX GlobalMaxPool: the largest element of each channel's plane. Input: [N, C, …]; output: [N, C, 1, …].
package struct GlobalMaxPool: Operator {
  package init() {}
  package var kind: LayerKind { .pooling }
  package var isChannelwise: Bool { true }

  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? { planesNote(inputs[0]) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try globalType(of: inputs)] }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    poolPlanes(inputs, outputs) { x, plane in plane.reduce(-.infinity) { max($0, x[$1]) } }
  }
}

private func planesNote(_ input: Shape) -> String { "all \(input[-2]) x \(input[-1]) positions become one" }

private func globalType(of inputs: [OperatorInput?]) throws -> TensorType {
  let type = try floatType(of: inputs)
  guard type.shape.rank >= 3, type.shape.dimensions.dropFirst(2).allSatisfy({ $0 > 0 }) else {
    throw OperatorError("needs an input of at least 3 axes, not \(type.shape)")
  }
  let ones = [Int](repeating: 1, count: type.shape.rank - 2)
  return TensorType(.float32, Shape([type.shape[0], type.shape[1]] + ones))
}

private func poolPlanes(
  _ inputs: [TensorView?], _ outputs: [TensorView], _ reduce: (RealElements, Range<Int>) -> Double
) {
  guard let x = inputs[0] else { return }
  let (xs, ys) = (x.reals, outputs[0].reals)
  guard ys.count > 0 else { return }
  let extent = xs.count / ys.count
  for plane in ys.indices { ys[plane] = reduce(xs, plane * extent..<(plane + 1) * extent) }
}
