import Tensors
import Testing

@testable import Inference

/// Operators along any axis have kernels, and these give the numbers of the reference.
@Suite struct AxesTests {
  /// "x" [2, 12, 5, 7], by one node to "y"; no step runs the reference.
  private func check(_ op: any Operator, _ constants: [(name: String, shape: Shape)], _ title: String) throws {
    var builder = GraphBuilder()
    builder.input("x", [2, 12, 5, 7])
    var generator = SeededGenerator(seed: 5)
    for (name, shape) in constants {
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count, in: 0.5...1.5), shape))
    }
    builder.node(op, ["x"] + constants.map(\.name), ["y"])
    builder.output("y")
    let graph = try builder.graph.specialized(inputs: [:])
    let input = generator.floats(840, in: 0.5...1.5)
    let want = try #require(try referenceValues(graph, inputs: ["x": input])["y"])
    for isa in ISA.allCases where isa.isSupported {
      let session = try CompiledNetwork(graph, options: .init(threads: 2, isa: isa)).session()
      input.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
      try session.run()
      #expect(session.steps.allSatisfy { $0.algorithm != "reference" }, "\(title)")
      withExtendedLifetime((session, want)) {
        #expect(session.outputs[0].view.shape == want.shape)
        #expect(deviation(session.outputs[0].view.floats, from: want.view.floats) <= 1e-5, "\(title) at \(isa)")
      }
    }
  }

  @Test(arguments: Reduction.allCases) func reductions(reduction: Reduction) throws {
    for axes in [[0], [1], [-1], [0, 2], [1, 3], [0, 1, 3], [1, 2, 3], [0, 1, 2, 3]] {
      try check(Reduce(reduction, axes: axes, keepsAxes: axes.count == 2), [], "\(reduction) along \(axes)")
    }
  }

  @Test(arguments: [
    [12, 5, 7], [5, 7], [1, 1, 5, 7], [2, 1, 5, 1], [1, 12, 5, 1], [2, 1, 1, 7], [3, 2, 1, 1, 1],
  ])
  func broadcasting(extents: [Int]) throws {
    for op in [Add(), Sub(), Mul(), Div(), Min(), Max()] as [any Operator] {
      try check(op, [("c", Shape(extents))], "\(op.name) by \(extents)")
    }
  }

  @Test func normalisations() throws {
    let parameters: [(name: String, shape: Shape)] = [("scale", [12]), ("bias", [12])]
    try check(InstanceNormalization(), parameters, "instances")
    for groups in [1, 3, 12] { try check(GroupNormalization(groups: groups), parameters, "\(groups) groups") }
    try check(
      GroupNormalization(groups: 4, hasGroupParameters: true), [("scale", [4]), ("bias", [4])], "a scale for each group"
    )
  }
}
