import Synchronization
import Tensors

@testable import Inference

/// a + b over equal shapes, for tests of the machinery alone.
struct ToyAdd: Operator {
  let name = "ToyAdd"

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    guard let a = inputs[0]?.type, let b = inputs[1]?.type, a == b else { throw OperatorError("its inputs differ") }
    return [a]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0]?.floats, let b = inputs[1]?.floats else { return }
    for i in a.indices { outputs[0].floats[i] = a[i] + b[i] }
  }
}

/// x * 2 + 1.
struct ToyAffine: Operator {
  let name = "ToyAffine"

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    guard let x = inputs[0]?.type else { throw OperatorError("it has no input") }
    return [x]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0]?.floats else { return }
    for i in x.indices { outputs[0].floats[i] = x[i] * 2 + 1 }
  }
}

/// How often something was asked.
final class CallCounter: Sendable {
  private let calls = Atomic<Int>(0)
  var count: Int { calls.load(ordering: .relaxed) }
  func add() { calls.add(1, ordering: .relaxed) }
}

/// `ToyAffine` that counts how often its types are inferred.
struct CountedAffine: Operator {
  let name = "CountedAffine"
  let counter: CallCounter

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    counter.add()
    return try ToyAffine().outputTypes(for: inputs)
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) { ToyAffine().forward(inputs, outputs) }
}

/// Builds graphs by value name.
struct GraphBuilder {
  var graph = Graph(name: "test", values: [], nodes: [], inputs: [], outputs: [])

  mutating func value(_ name: String, constant: Tensor? = nil) -> ValueID {
    if let known = graph.value(named: name) { return known }
    graph.values.append(Value(name: name, constant: constant))
    return graph.values.count - 1
  }

  mutating func input(_ name: String, _ extents: [DeclaredExtent], _ element: ElementType = .float32) {
    graph.inputs.append(DeclaredInput(value: value(name), element: element, extents: extents))
  }

  mutating func input(_ name: String, _ shape: Shape) {
    input(name, shape.dimensions.map { .fixed($0) })
  }

  mutating func node(_ op: any Operator, _ inputs: [String?], _ outputs: [String?]) {
    let ids = (inputs.map { $0.map { value($0) } }, outputs.map { $0.map { value($0) } })
    graph.nodes.append(Node(name: "\(op.name)_\(graph.nodes.count)", op: op, inputs: ids.0, outputs: ids.1))
  }

  mutating func output(_ name: String) { graph.outputs.append(value(name)) }
}
