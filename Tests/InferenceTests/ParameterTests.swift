import Tensors
import Testing

@testable import Inference

/// Changed parameters: a session that runs next computes what a network made with them computes, and packs nothing else again.
@Suite struct ParameterTests {
  /// A gradient by two convolutions (one by phases, with a batch normalisation folded into it), a layer of 20-bit weights, and its
  /// position sums.
  private static func graph() throws -> Graph {
    var generator = SeededGenerator(seed: 5)
    var builder = GraphBuilder()
    builder.input("x", [1, 8, 20, 20] as Shape)
    // What the file has as the transpose of what the layer reads.
    for (name, shape) in [
      ("k", [16, 8, 3, 3]), ("l", [64, 16, 3, 3]), ("scale", [64]), ("shift", [64]), ("mean", [64]),
      ("w", [6400, 200]),
      ("bias", [200]),
    ] as [(String, Shape)] {
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count, in: -0.1...0.1), shape))
    }
    _ = builder.value("variance", constant: Tensor(generator.floats(64, in: 0.5...2), [64]))
    let same = Padding.explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))
    builder.node(Conv(padding: same), ["x", "k"], ["a"])
    builder.node(Relu(), ["a"], ["b"])
    builder.node(Conv(strides: Spatial(2, 2), padding: same), ["b", "l"], ["c"])
    builder.node(BatchNormalization(), ["c", "scale", "shift", "mean", "variance"], ["d"])
    builder.node(Relu(), ["d"], ["e"])
    builder.node(Flatten(), ["e"], ["f"])
    builder.node(Transpose(permutation: [1, 0]), ["w"], ["turned"])
    builder.node(Gemm(transposeB: true), ["f", "turned", "bias"], ["scores"])
    builder.output("scores")
    return builder.graph
  }

  private static let requests = [
    GradientRequest(of: ["scores"], withRespectTo: ["x", "k"]),
    GradientRequest(of: ["scores"], withRespectTo: ["e"], sumsPositions: true),
  ]

  private func numbers(_ session: Session, seed: Int = 4) throws -> [[Float]] {
    var generator = SeededGenerator(seed: seed)
    let input = session.inputs[0].view.floats
    _ = input.update(fromContentsOf: generator.floats(input.count))
    for request in session.requests.indices {
      let scores = session.seed(request)[0].floats
      _ = scores.update(fromContentsOf: generator.floats(scores.count))
    }
    try session.run()
    var result = session.outputs.map { Array($0.view.floats) }
    for (index, request) in session.requests.enumerated() {
      try session.runBackward(index)
      result += request.withRespectTo.map { Array(session.gradient(index, $0)?.floats ?? .init(start: nil, count: 0)) }
    }
    return withExtendedLifetime(session) { result }
  }

  private func changed(_ network: CompiledNetwork, _ name: String, by factor: Float = 1.5) throws -> Tensor {
    let old = try #require(network.parameter(name))
    return Tensor(old.view.floats.map { factor * $0 + 0.01 }, old.shape)
  }

  /// A network made with the parameters that another has now.
  private func fresh(_ graph: Graph, like network: CompiledNetwork) throws -> CompiledNetwork {
    var graph = graph
    for index in graph.values.indices where graph.values[index].constant?.type == .float32 {
      graph.values[index].constant = network.parameter(graph.values[index].name)
    }
    return try CompiledNetwork(graph, options: network.options)
  }

  /// Packed forms that depend on each: a convolution has one for the forward pass and one for its gradient (by each of the phases); a batch
  /// normalisation's factors change the weights and bias of the convolution that they are folded into, its other parameters the bias alone.
  @Test(arguments: [
    ("k", 2), ("l", 5), ("scale", 6), ("shift", 1), ("mean", 1), ("variance", 6), ("w", 2), ("bias", 1),
  ]) func onlyWhatDependsOnAParameterIsPackedAgain(name: String, forms: Int) throws {
    let network = try CompiledNetwork(Self.graph(), options: NetworkOptions(threads: 2))
    let session = try network.session(gradients: Self.requests)
    let before = try numbers(session)
    let (count, bytes) = (network.weights.packed.packCount, network.weights.packed.byteCount)
    try network.setParameters([name: changed(network, name)])
    #expect(network.weights.packed.packCount == count, "nothing happens before the next run")
    let after = try numbers(session)
    #expect(network.weights.packed.packCount == count + forms)
    #expect(network.weights.packed.byteCount == bytes, "what was packed of the former value is gone")
    #expect(after != before)
    #expect(try after == numbers(fresh(Self.graph(), like: network).session(gradients: Self.requests)))
  }

  @Test(arguments: RandomNetworkTests.seeds) func randomNetworksFollow(seed: Int) throws {
    let (graph, _) = try RandomNetwork.make(seed: seed)
    let network = try CompiledNetwork(graph, options: NetworkOptions(threads: 1))
    let session = try network.session()
    let names = graph.values.filter { $0.constant?.type == .float32 }.map(\.name)
    for name in names {
      _ = try numbers(session)
      try network.setParameters([name: changed(network, name, by: 1.1)])
      let (got, want) = (try numbers(session), try numbers(fresh(graph, like: network).session()))
      #expect(
        got.elementsEqual(want) { zip($0, $1).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) } },
        "\(name), seed \(seed)")
    }
  }

  @Test func backwardPassesKeepTheParametersOfTheirRun() throws {
    let network = try CompiledNetwork(Self.graph(), options: NetworkOptions(threads: 1))
    let session = try network.session(gradients: Self.requests)
    let before = try numbers(session)
    try network.setParameters(["k": changed(network, "k")])
    try session.runBackward(0)
    #expect(Array(try #require(session.gradient(0, "x")).floats) == before[1])
    // The seed stays where it is and what it was.
    try session.run()
    try session.runBackward(0)
    #expect(Array(try #require(session.gradient(0, "x")).floats) == (try numbers(session))[1])
  }

  @Test func variantsFollowToo() throws {
    let network = try CompiledNetwork(Self.graph(), options: NetworkOptions(threads: 1))
    let variants = [
      try network.prefix(to: ["e"]), try network.batched(2), try network.tail(from: "b", to: "e"),
    ]
    let sessions = try variants.map { try $0.session() }
    for session in sessions { _ = try numbers(session) }
    try network.setParameters(["l": changed(network, "l"), "shift": changed(network, "shift")])
    let made = try fresh(Self.graph(), like: network)
    let expected = [try made.prefix(to: ["e"]), try made.batched(2), try made.tail(from: "b", to: "e")]
    for (session, other) in zip(sessions, expected) { #expect(try numbers(session) == numbers(other.session())) }
  }

  @Test func namesThatAreNoParametersAreRefused() throws {
    let network = try CompiledNetwork(Self.graph(), options: NetworkOptions(threads: 1))
    let name = #expect(throws: InferenceError.self) { try network.setParameters(["ww": Tensor([1], [1])]) }
    #expect(name?.description.contains("'ww'") == true)
    let shape = #expect(throws: InferenceError.self) {
      try network.setParameters(["bias": Tensor(.float32, [200]), "k": Tensor(.float32, [3])])
    }
    #expect(shape?.description.contains("16x8x3x3") == true)
    #expect(network.version == 0)
  }

  @Test func changedRegionsFollow() throws {
    let network = try CompiledNetwork(Self.graph(), options: NetworkOptions(threads: 1))
    func result(_ session: Session) throws -> [Float] {
      let parts = try RegionSession(
        session, regions: [MapRegion(rows: 3..<6, columns: 4..<8)], value: "scores", channels: 2)
      return try result(parts, session)
    }
    func result(_ parts: RegionSession, _ session: Session) throws -> [Float] {
      _ = try numbers(session)
      let other = [Float](repeating: 0.5, count: session.inputs[0].view.shape.count)
      parts.choose(0, 7)
      parts.choose(1, 9)
      try parts.remember()
      var values: [Float] = []
      try other.withUnsafeBufferPointer { parts.run(changingTo: try #require($0.baseAddress)) { values = Array($1) } }
      return values
    }
    let session = try network.session()
    let parts = try RegionSession(
      session, regions: [MapRegion(rows: 3..<6, columns: 4..<8)], value: "scores", channels: 2)
    let before = try result(parts, session)
    try network.setParameters(["k": changed(network, "k")])
    let after = try result(parts, session)
    #expect(after != before)
    #expect(try after == result(fresh(Self.graph(), like: network).session()))
  }
}
