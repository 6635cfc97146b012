import Inference
import Tensors

/// Runs a graph node by node through the operators' reference, with memory of its own for every value.
func interpret(_ graph: Graph, _ feeds: [String: Tensor]) throws -> [(name: String, tensor: Tensor)] {
  var values = graph.values.map(\.constant)
  for input in graph.inputs { values[input.value] = feeds[graph.values[input.value].name] }
  for node in graph.nodes {
    let inputs = node.inputs.map { $0.flatMap { values[$0] } }
    let types = try node.op.outputTypes(
      for: zip(node.inputs, inputs).map { id, tensor in
        tensor.map {
          OperatorInput(TensorType($0.type, $0.shape), constant: id.flatMap { graph.values[$0].constant })
        }
      })
    let outputs = types.map { Tensor($0.element, $0.shape) }
    withExtendedLifetime(inputs) { node.op.forward(inputs.map { $0?.view }, outputs.map(\.view)) }
    for (id, output) in zip(node.outputs, outputs) {
      if let id { values[id] = output }
    }
  }
  return graph.outputs.map { (graph.values[$0].name, values[$0] ?? Tensor(.float32, [0])) }
}

/// How far apart two tensors are: max |difference| / rms of `expected` for floats; 0 or infinity for integers, and infinity for
/// another type, shape, or place of NaN and infinities.
func distance(_ actual: TensorView, from expected: TensorView) -> Double {
  guard actual.type == expected.type, actual.shape == expected.shape else { return .infinity }
  guard expected.type == .float32 else {
    let count = expected.type.size * expected.shape.count
    let (a, b) = (
      UnsafeRawBufferPointer(start: actual.pointer, count: count),
      UnsafeRawBufferPointer(start: expected.pointer, count: count)
    )
    return a.elementsEqual(b) ? 0 : .infinity
  }
  var (largest, squares, finite) = (0.0, 0.0, 0)
  for (a, b) in zip(actual.floats, expected.floats) {
    guard a.isFinite, b.isFinite else {
      if a == b || (a.isNaN && b.isNaN) { continue }
      return .infinity
    }
    largest = max(largest, abs(Double(a) - Double(b)))
    squares += Double(b) * Double(b)
    finite += 1
  }
  return largest == 0 ? 0 : largest / max((squares / Double(max(finite, 1))).squareRoot(), 1e-6)
}
