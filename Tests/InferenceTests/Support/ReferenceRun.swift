import Tensors

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

/// A generator that gives the same numbers for the same seed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
