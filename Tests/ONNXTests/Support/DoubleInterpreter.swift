import Tensors
import TestSupport

@testable import Inference

/// Runs a specialised graph node by node through the operators' reference in double precision: every float32 value is float64.
struct DoubleInterpreter {
  let graph: Graph
  let nodes: [Node]

  /// All values, from those given by number.
  func values(_ given: [ValueID: Tensor]) throws -> [Tensor?] {
    var values = graph.values.map { $0.constant.map(Self.promoted) }
    for (value, tensor) in given { values[value] = tensor }
    for node in nodes {
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
  static func promoted(_ tensor: Tensor) -> Tensor {
    guard tensor.type == .float32 else { return tensor }
    let result = Tensor(.float64, tensor.shape)
    for (index, element) in tensor.view.floats.enumerated() {
      result.view.elements(as: Double.self)[index] = Double(element)
    }
    return result
  }
}

/// Σ a b
func dot(_ a: Tensor, _ b: Tensor) -> Double {
  withExtendedLifetime((a, b)) {
    zip(a.view.elements(as: Double.self), b.view.elements(as: Double.self)).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// A copy of a float64 tensor.
func copy(_ tensor: Tensor) -> Tensor {
  let result = Tensor(tensor.type, tensor.shape)
  result.view.pointer.copyMemory(from: tensor.view.pointer, byteCount: tensor.byteCount)
  return result
}
