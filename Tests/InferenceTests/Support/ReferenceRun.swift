import Tensors
import TestSupport

@testable import Inference

/// Every value of a specialised graph by the operators' own `forward`: what all else is compared with.
func referenceValues(_ graph: Graph, inputs: [String: [Float]]) throws -> [String: Tensor] {
  var tensors = graph.values.map(\.constant)
  for input in graph.inputs {
    let name = graph.values[input.value].name
    tensors[input.value] = Tensor(inputs[name] ?? [], graph.type(of: input.value).shape)
  }
  for node in graph.nodes {
    let types = try node.op.outputTypes(
      for: node.inputs.map { $0.map { OperatorInput(graph.type(of: $0), constant: graph.values[$0].constant) } })
    let results = types.map { Tensor($0.element, $0.shape) }
    withExtendedLifetime(tensors) {
      node.op.forward(node.inputs.map { $0.flatMap { tensors[$0]?.view } }, results.map(\.view))
    }
    for (output, result) in zip(node.outputs, results) { if let output { tensors[output] = result } }
  }
  var byName: [String: Tensor] = [:]
  for (value, tensor) in zip(graph.values, tensors) { byName[value.name] = tensor }
  return byName
}

/// The largest difference over the reference's root mean square; infinite where one is not a number.
func deviation(_ a: some Sequence<Float>, from reference: some Collection<Float>) -> Float {
  let square = reference.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(reference.count, 1))
  let largest = zip(a, reference).reduce(Float(0)) { worst, pair in
    pair.0 == pair.1 ? worst : max(worst, (pair.0 - pair.1).magnitude.isNaN ? .infinity : (pair.0 - pair.1).magnitude)
  }
  return largest / max(Float(square.squareRoot()), 1e-20)
}

/// Random floats, the same for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var source: SplitMix64

  init(seed: Int) { source = SplitMix64(seed) }

  mutating func next() -> UInt64 { source.next() }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
