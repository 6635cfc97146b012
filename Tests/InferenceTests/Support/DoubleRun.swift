import Tensors

@testable import Inference

/// Every value of a graph by the operators' own `forward` in double precision: float32 values are float64.
func doubleValues(_ graph: Graph, _ given: [ValueID: Tensor]) throws -> [Tensor?] {
  var values = graph.values.map { $0.constant.map(promoted) }
  for (value, tensor) in given { values[value] = promoted(tensor) }
  for node in graph.nodes {
    let types = try node.op.outputTypes(
      for: node.inputs.map { $0.map { OperatorInput(graph.type(of: $0), constant: graph.values[$0].constant) } })
    let results = types.map { Tensor($0.element == .float32 ? .float64 : $0.element, $0.shape) }
    let inputs = node.inputs.map { $0.flatMap { values[$0] } }
    withExtendedLifetime(inputs) { node.op.forward(inputs.map { $0?.view }, results.map(\.view)) }
    for (output, result) in zip(node.outputs, results) { if let output { values[output] = result } }
  }
  return values
}

/// float32 as float64; others as they are.
func promoted(_ tensor: Tensor) -> Tensor {
  guard tensor.type == .float32 else { return tensor }
  let result = Tensor(.float64, tensor.shape)
  for (index, element) in tensor.view.floats.enumerated() {
    result.view.elements(as: Double.self)[index] = Double(element)
  }
  return result
}
