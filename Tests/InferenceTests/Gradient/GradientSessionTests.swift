import AllocationCounter
import Tensors
import TestSupport
import Testing

@testable import Inference

/// Gradients through a session: whatever is fused, folded, laid out or split, they are those of the reference.
@Suite struct GradientSessionTests {
  static let seeds = Array(0..<24)

  /// A random network, its values, and the gradients of a random combination of its outputs with respect to every value.
  struct Reference {
    let graph: Graph
    let input: [Float]
    let seed: [Float]
    let names: [String]
    let output: String
    var gradients: [String: Tensor] = [:]

    init(seed number: Int, rule: GradientRule = .standard) throws {
      let (graph, input) = try RandomNetwork.make(seed: number)
      (self.graph, self.input) = (graph, input)
      var generator = SeededGenerator(seed: number + 1000)
      // The scores before Softmax.
      output = graph.values[graph.nodes.last?.inputs[0] ?? 0].name
      let value = try #require(graph.value(named: output))
      seed = generator.floats(graph.type(of: value).shape.count)
      let answer = graph.values[graph.outputs[0]].name
      let names = graph.values.filter { $0.constant == nil && $0.name != answer }.map(\.name)
      self.names = names
      let task = GradientTask(of: [value], withRespectTo: names.compactMap { graph.value(named: $0) }, rule: rule)
      let builder = GradientBuilder(graph, derived: DerivedConstants())
      let pass = try Differentiation.add(task, number: 0, nodes: graph.nodes, to: builder)
      var whole = builder.graph
      whole.nodes = graph.nodes + pass.nodes
      let scores = Tensor(seed, graph.type(of: value).shape)
      let inputs = [
        graph.inputs[0].value: Tensor(input, graph.type(of: graph.inputs[0].value).shape), pass.seeds[0]: scores,
      ]
      let values = try doubleValues(whole, inputs)
      for (name, gradient) in zip(names, pass.gradients) { gradients[name] = gradient.flatMap { values[$0] } }
    }
  }

  private func run(_ reference: Reference, _ session: Session, _ request: Int = 0) throws -> [String: [Float]] {
    reference.input.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0)
    }
    for (index, x) in reference.seed.enumerated() { session.seed(request)[0].floats[index] = x }
    try session.run()
    try session.runBackward(request)
    return withExtendedLifetime(session) {
      Dictionary(
        uniqueKeysWithValues: reference.names.map { ($0, session.gradient(request, $0).map { Array($0.floats) } ?? []) }
      )
    }
  }

  private func session(
    _ reference: Reference, _ names: [String], rule: GradientRule = .standard, threads: Int = 1, isa: ISA = .best
  ) throws -> Session {
    let session = try CompiledNetwork(reference.graph, options: .init(threads: threads, isa: isa)).session()
    try session.setTaps([], gradients: [.init(of: [reference.output], withRespectTo: names, rule: rule)])
    return session
  }

  @Test(arguments: seeds) func everyGradientIsTheReferences(seed: Int) throws {
    let reference = try Reference(seed: seed)
    for isa in ISA.allCases where isa.isSupported {
      let got = try run(reference, session(reference, reference.names, isa: isa))
      for name in reference.names { compare(got[name], reference.gradients[name], "\(name) at \(isa), seed \(seed)") }
    }
  }

  /// One by one: each time another part of the network is rewritten or hidden.
  @Test(arguments: seeds) func eachGradientAlone(seed: Int) throws {
    let reference = try Reference(seed: seed)
    for name in reference.names {
      let session = try session(reference, [name])
      let got = try run(reference, session)
      compare(got[name], reference.gradients[name], "\(name) alone, seed \(seed)")
    }
  }

  @Test(arguments: [GradientRule.guided, .deconvnet, .lrp(epsilon: 0.1)], seeds)
  func rulesAreTheReferences(rule: GradientRule, seed: Int) throws {
    let reference = try Reference(seed: seed, rule: rule)
    // What preparation rewrites has other layers, and so other relevances: the input's alone is compared, where nothing is folded.
    let got = try run(reference, session(reference, ["x"], rule: rule))
    if case .lrp = rule { return }
    compare(got["x"], reference.gradients["x"], "\(rule), seed \(seed)")
  }

  @Test(arguments: seeds) func forwardNumbersStay(seed: Int) throws {
    let reference = try Reference(seed: seed)
    let session = try CompiledNetwork(reference.graph, options: .init(threads: 1)).session()
    reference.input.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0)
    }
    try session.run()
    let before = Array(session.outputs[0].view.floats)
    try session.setTaps(["x"], gradients: [.init(of: [reference.output], withRespectTo: reference.names)])
    try session.run()
    #expect(Array(session.outputs[0].view.floats) == before)
    session.seed(0)[0].floats.update(repeating: 1)
    try session.runBackward(0)
    #expect(Array(session.outputs[0].view.floats) == before)
  }

  @Test(arguments: seeds) func threadsChangeNoNumber(seed: Int) throws {
    let reference = try Reference(seed: seed)
    let expected = try run(reference, session(reference, reference.names))
    for threads in 2...3 {
      let got = try run(reference, session(reference, reference.names, threads: threads))
      for name in reference.names {
        #expect(got[name] == expected[name], "\(name) on \(threads) threads, seed \(seed)")
      }
    }
  }

  /// Several requests, run in any order and again, do not disturb each other.
  @Test(arguments: seeds.prefix(8)) func requestsAreIndependent(seed: Int) throws {
    let reference = try Reference(seed: seed)
    let session = try CompiledNetwork(reference.graph, options: .init(threads: 1)).session()
    let requests = [
      GradientRequest(of: [reference.output], withRespectTo: reference.names),
      GradientRequest(of: [reference.output], withRespectTo: ["x"], rule: .guided),
      GradientRequest(of: [reference.output], withRespectTo: reference.names),
    ]
    try session.setTaps([], gradients: requests)
    let first = try run(reference, session, 2)
    for request in [0, 1, 0] {
      for (index, x) in reference.seed.enumerated() { session.seed(request)[0].floats[index] = x }
      try session.runBackward(request)
    }
    for name in reference.names {
      #expect(session.gradient(0, name).map { Array($0.floats) } == first[name])
      #expect(session.gradient(2, name).map { Array($0.floats) } == first[name])
    }
    withExtendedLifetime(session) {}
  }

  @Test(arguments: 1...3) func runningAllocatesNothing(threads: Int) throws {
    let session = try CompiledNetwork(KernelNetwork.graph(), options: .init(threads: threads)).session()
    try session.setTaps([], gradients: [GradientRequest(of: ["scores"], withRespectTo: ["x", "b"])])
    #expect(
      !session.backwardSteps(0).contains { $0.algorithm == "reference" },
      "\(session.backwardSteps(0).map(\.explanation))")
    session.inputs[0].view.floats.update(repeating: 0.5)
    session.seed(0)[0].floats[3] = 1
    try session.run()
    try session.runBackward(0)
    let before = fovea_thread_allocation_count()
    for _ in 0..<20 {
      try session.run()
      try session.runBackward(0)
    }
    #expect(fovea_thread_allocation_count() == before)
  }

  @Test func onlyWhatTheQuestionNeedsIsComputed() throws {
    let session = try CompiledNetwork(KernelNetwork.graph(), options: .init(threads: 1)).session()
    try session.setTaps([], gradients: [GradientRequest(of: ["scores"], withRespectTo: ["k"])])
    let names = session.backwardSteps(0).map(\.op)
    #expect(!names.contains { $0.contains("Conv") || $0.contains("LRN") }, "\(names)")
  }

  @Test func anotherGradientKeepsTheWeightsPacked() throws {
    let session = try CompiledNetwork(KernelNetwork.graph(), options: .init(threads: 1)).session()
    let request = GradientRequest(of: ["scores"], withRespectTo: ["x"])
    try session.setTaps([], gradients: [request])
    let count = session.network.weights.packed.packCount
    try session.setTaps([])
    try session.setTaps(["b"], gradients: [request, GradientRequest(of: ["scores"], withRespectTo: ["e", "x"])])
    #expect(session.network.weights.packed.packCount == count)
  }

  @Test func refusalsNameEverythingAtOnce() throws {
    var builder = GraphBuilder()
    builder.input("x", [4])
    builder.node(ToyAffine(), ["x"], ["a"])
    builder.node(ToyAdd(), ["a", "a"], ["b"])
    builder.node(Relu(), ["b"], ["y"])
    builder.output("y")
    let session = try CompiledNetwork(builder.graph).session()
    let error = #expect(throws: InferenceError.self) {
      try session.setTaps([], gradients: [GradientRequest(of: ["y"], withRespectTo: ["x"])])
    }
    #expect(error?.description.contains("ToyAffine (node 'ToyAffine_0'), ToyAdd (node 'ToyAdd_1')") == true)
    try session.setTaps([], gradients: [GradientRequest(of: ["y"], withRespectTo: ["b"])])
    let unknown = #expect(throws: InferenceError.self) {
      try session.setTaps([], gradients: [GradientRequest(of: ["yy"], withRespectTo: ["b"])])
    }
    #expect(unknown?.description.contains("did you mean 'y'") == true)
  }

  private func compare(_ got: [Float]?, _ want: Tensor?, _ title: String) {
    guard let want else {
      #expect(got?.allSatisfy { $0 == 0 } == true, "\(title): nothing depends on it")
      return
    }
    let wanted = withExtendedLifetime(want) { want.view.elements(as: Double.self).map { Float($0) } }
    #expect(deviation(got ?? [], from: wanted) <= 1e-4, "\(title)")
  }
}
