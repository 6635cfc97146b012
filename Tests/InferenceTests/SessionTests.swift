import Tensors
import Testing

@testable import Inference

/// x -> a = 2x+1 -> b = 2a+1 -> y = a + b
private func diamond(_ extents: [DeclaredExtent]) -> Graph {
  var builder = GraphBuilder()
  builder.input("x", extents)
  builder.node(ToyAffine(), ["x"], ["a"])
  builder.node(ToyAffine(), ["a"], ["b"])
  builder.node(ToyAdd(), ["a", "b"], ["y"])
  builder.output("y")
  return builder.graph
}

@Suite struct SessionTests {
  @Test func runsAndTaps() throws {
    let session = try CompiledNetwork(diamond([.dynamic("batch"), .fixed(3)])).session(taps: ["b"])
    #expect(session.inputs[0].view.shape == [1, 3])
    for (i, x) in [1, 2, 3].enumerated() { session.inputs[0].view.floats[i] = Float(x) }
    try session.run()
    #expect(session.outputs[0].name == "y")
    #expect(Array(session.outputs[0].view.floats) == [10, 16, 22])
    #expect(session.tap("b").map { Array($0.floats) } == [7, 11, 15])
    #expect(session.tap("a") == nil)
    try session.setTaps(["a", "x"])
    try session.run()
    #expect(session.tap("a").map { Array($0.floats) } == [3, 5, 7])
    #expect(session.tap("x").map { Array($0.floats) } == [1, 2, 3])
    #expect(Array(session.outputs[0].view.floats) == [10, 16, 22])
  }

  @Test func aSpecialisedGraphIsTakenAsItIs() throws {
    let counter = CallCounter()
    var builder = GraphBuilder()
    builder.input("x", [.dynamic("batch"), .fixed(3)])
    builder.node(CountedAffine(counter: counter), ["x"], ["y"])
    builder.output("y")
    var graph = try builder.graph.specialized(inputs: [:])
    #expect(counter.count == 1)
    // Planning asks once, for a step that is no kernel's.
    _ = try CompiledNetwork(graph).session()
    #expect(counter.count == 2)
    let wrong = #expect(throws: InferenceError.self) {
      try CompiledNetwork(graph, inputShapes: ["x": [2, 3]]).session()
    }
    #expect(wrong?.description == "axis 0 of input 'x' is 1 in the model and cannot be 2")
    graph.nodes[0].name = "changed"
    _ = try CompiledNetwork(graph).session()
    #expect(counter.count == 4, "a changed graph is looked at again")
  }

  @Test func refusesUnknownTapsWithTheNearestName() throws {
    let session = try CompiledNetwork(diamond([.fixed(3)])).session()
    let error = #expect(throws: InferenceError.self) { try session.setTaps(["bb"]) }
    #expect(error?.description == "the model has no value named 'bb'; did you mean 'b'?")
  }

  @Test func refusesOpenAndWrongExtents() throws {
    let graph = diamond([.dynamic("n"), .fixed(3), .dynamic("height")])
    let open = #expect(throws: InferenceError.self) { try CompiledNetwork(graph).session() }
    #expect(open?.description.contains("axis 2 ('height') of input 'x' open") == true)
    let wrong = #expect(throws: InferenceError.self) {
      try CompiledNetwork(graph, inputShapes: ["x": [1, 4, 5]]).session()
    }
    #expect(wrong?.description == "axis 1 of input 'x' is 3 in the model and cannot be 4")
    let rank = #expect(throws: InferenceError.self) {
      try CompiledNetwork(graph, inputShapes: ["x": [1, 3]]).session()
    }
    #expect(rank?.description.contains("has 3 axes") == true)
    let name = #expect(throws: InferenceError.self) {
      try CompiledNetwork(graph, inputShapes: ["z": [1, 3, 5]]).session()
    }
    #expect(name?.description.contains("has no input 'z'") == true)
    let huge = #expect(throws: InferenceError.self) {
      try CompiledNetwork(graph, inputShapes: ["x": [1 << 40, 3, 1 << 40]]).session()
    }
    #expect(huge?.description.contains("does not fit in memory") == true)
  }

  @Test func refusesThreadsAndInstructionSetsThatAreNotThere() throws {
    let graph = diamond([.fixed(3)])
    #expect(throws: InferenceError.self) { try CompiledNetwork(graph, options: .init(threads: 0)).session() }
    #expect(throws: InferenceError.self) { try CompiledNetwork(graph, options: .init(threads: 100_000)).session() }
    let missing = ISA.allCases.first { !$0.isSupported }
    if let missing {
      #expect(throws: InferenceError.self) { try CompiledNetwork(graph, options: .init(isa: missing)).session() }
    }
  }

  @Test func refusesDamagedGraphs() throws {
    var graph = diamond([.fixed(3)])
    graph.nodes.reverse()
    #expect(throws: InferenceError.self) { try CompiledNetwork(graph).session() }
    graph = diamond([.fixed(3)])
    graph.nodes.removeLast()
    #expect(throws: InferenceError.self) { try CompiledNetwork(graph).session() }
  }
}
