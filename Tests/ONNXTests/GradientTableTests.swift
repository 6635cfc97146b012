import TestSupport
import Tensors
import Testing

@testable import Inference
@testable import ONNX

/// Every operator's gradient against central differences of its reference, both in double precision.
@Suite struct GradientTableTests {
  /// Operators that answer positions, or whole numbers for what was not whole.
  static let withoutGradient: Set<String> = ["ArgMax", "ArgMin"]

  private static func names(_ error: InferenceError) -> Bool {
    withoutGradient.contains { error.description.contains("\($0) (node") }
      || error.description.contains("there is no gradient through the reduction")
      || error.description.contains("there is no gradient through a diagonal")
  }

  @Test(arguments: OperatorCases.families) func gradientsAreDifferenceQuotients(family: String) throws {
    var generator = SplitMix64(5)
    for test in try OperatorCases.load(family) {
      do {
        try check(test, &generator)
      } catch let error as InferenceError where Self.names(error) {
        continue
      } catch { Issue.record("\(family): \(test.name): \(error)") }
    }
  }

  private func check(_ test: OperatorCase, _ generator: inout SplitMix64) throws {
    let shapes = Dictionary(test.inputs.map { ($0.name, $0.tensor.shape) }) { $1 }
    let graph = try importModel(bytes: test.model, name: test.name).graph.specialized(inputs: shapes)
    // Rounding has no derivative; what passes it is tested by itself.
    guard !graph.nodes.contains(where: \.op.isRounding) else { return }
    let outputs = graph.outputs.filter { graph.type(of: $0).element == .float32 && graph.values[$0].constant == nil }
    guard !outputs.isEmpty else { return }
    var given: [ValueID: Tensor] = [:]
    for input in graph.inputs {
      let tensor = test.inputs.first { $0.name == graph.values[input.value].name }?.tensor
      given[input.value] = try moved(#require(tensor), &generator)
    }
    // Weights count, too: constants that a node reads as numbers.
    let weights = Set(
      graph.nodes.flatMap { node in
        node.inputs.enumerated().compactMap { index, value in
          (node.op as? any Differentiable)?.isDifferentiable(input: index) == true ? value : nil
        }
      }
    ).filter { graph.values[$0].constant?.type == .float32 }
    let sources = (graph.inputs.map(\.value) + weights.sorted()).filter { graph.type(of: $0).element == .float32 }
    guard !sources.isEmpty else { return }
    for weight in weights { given[weight] = graph.values[weight].constant.map(DoubleInterpreter.promoted) }
    try compare(graph, GradientTask(of: outputs, withRespectTo: sources, rule: .standard), given, test.name, &generator)
  }

  private func compare(
    _ graph: Graph, _ task: GradientTask, _ given: [ValueID: Tensor], _ name: String, _ generator: inout SplitMix64
  ) throws {
    let builder = GradientBuilder(graph, derived: DerivedConstants())
    let pass = try Differentiation.add(task, number: 0, nodes: graph.nodes, to: builder)
    let forward = DoubleInterpreter(graph: graph, nodes: graph.nodes)
    let seeds = task.of.map { value in
      random(graph.type(of: value).shape, &generator)
    }
    var all = given
    for (seed, tensor) in zip(pass.seeds, seeds) { all[seed] = tensor }
    let values = try DoubleInterpreter(graph: builder.graph, nodes: graph.nodes + pass.nodes).values(all)
    func loss(_ given: [ValueID: Tensor]) throws -> Double {
      let values = try forward.values(given)
      return zip(task.of, seeds).reduce(0) { sum, pair in sum + (values[pair.0].map { dot($0, pair.1) } ?? 0) }
    }
    for (source, gradient) in zip(task.withRespectTo, pass.gradients) {
      guard let tensor = given[source], tensor.shape.count > 0 else { continue }
      for _ in 0..<min(6, tensor.shape.count) {
        let place = Int.random(in: 0..<tensor.shape.count, using: &generator)
        let step = 1e-5
        func shifted(_ by: Double) throws -> Double {
          let other = copy(tensor)
          other.view.elements(as: Double.self)[place] += by
          return try loss(given.merging([source: other]) { $1 })
        }
        let quotient = (try shifted(step) - shifted(-step)) / (2 * step)
        guard quotient.isFinite else { continue }
        let got =
          gradient.flatMap { values[$0] }.map { t in withExtendedLifetime(t) { t.view.elements(as: Double.self)[place] }
          } ?? 0
        #expect(
          abs(got - quotient) <= 2e-6 * max(1, abs(quotient)),
          "\(name): element \(place) of \(graph.values[source].name): gradient \(got), differences \(quotient)")
      }
    }
  }

  /// The case's numbers, each a little away from where it was: no ties, no kinks.
  private func moved(_ tensor: Tensor, _ generator: inout SplitMix64) throws -> Tensor {
    let result = DoubleInterpreter.promoted(tensor)
    guard tensor.type == .float32 else { return result }
    let elements = result.view.elements(as: Double.self)
    for index in elements.indices {
      let x = elements[index].isFinite && abs(elements[index]) < 1e4 ? elements[index] : 1
      elements[index] =
        x * (1 + 0.02 * Double.random(in: -1...1, using: &generator)) + 0.02
        * Double.random(in: 0.1...1, using: &generator)
    }
    return result
  }

  private func random(_ shape: Shape, _ generator: inout SplitMix64) -> Tensor {
    let tensor = Tensor(.float64, shape)
    let elements = tensor.view.elements(as: Double.self)
    for index in elements.indices { elements[index] = Double.random(in: -1...1, using: &generator) }
    return tensor
  }
}
