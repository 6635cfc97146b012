import Tensors
import Testing

@testable import Inference

/// One network, many sessions: weights are packed once for all of them, and every one computes the same.
@Suite struct CompiledNetworkTests {
  /// Convolutions with a batch normalisation, a join and a fully connected layer; fully convolutional up to the mean.
  private static func graph(height: Int = 12, width: Int = 12, readsExtents: Bool = false) throws -> Graph {
    var generator = SeededGenerator(seed: 3)
    var builder = GraphBuilder()
    builder.input("x", [.fixed(1), .fixed(3), .fixed(height), .fixed(width)])
    for (name, shape) in [
      ("k", [16, 3, 3, 3]), ("l", [16, 16, 3, 3]), ("scale", [16]), ("shift", [16]), ("mean", [16]), ("w", [10, 16]),
      ("bias", [10]),
    ] as [(String, Shape)] {
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count, in: -0.4...0.4), shape))
    }
    _ = builder.value("variance", constant: Tensor(generator.floats(16, in: 0.5...2), [16]))
    let same = Padding.explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))
    builder.node(Conv(padding: same), ["x", "k"], ["a"])
    builder.node(Relu(), ["a"], ["b"])
    builder.node(Conv(padding: same), ["b", "l"], ["c"])
    builder.node(BatchNormalization(), ["c", "scale", "shift", "mean", "variance"], ["d"])
    if readsExtents {
      builder.node(ShapeOf(), ["b"], ["extents"])
      builder.node(Expand(), ["d", "extents"], ["expanded"])
    }
    builder.node(Add(), [readsExtents ? "expanded" : "d", "b"], ["e"])
    builder.node(GlobalAveragePool(), ["e"], ["f"])
    builder.node(Flatten(), ["f"], ["g"])
    builder.node(Gemm(transposeB: true), ["g", "w", "bias"], ["scores"])
    builder.output("scores")
    return builder.graph
  }

  private static let options = NetworkOptions(threads: 2)

  private static func numbers(_ count: Int, seed: Int = 8) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return generator.floats(count)
  }

  private func values(_ session: Session, _ names: [String] = [], seed: Int = 8) throws -> [[Float]] {
    let input = session.inputs[0].view.floats
    _ = input.update(fromContentsOf: Self.numbers(input.count, seed: seed))
    try session.run()
    return session.outputs.map { Array($0.view.floats) } + names.compactMap { session.tap($0).map { Array($0.floats) } }
  }

  @Test func aFurtherSessionCostsNoWeights() throws {
    let network = try CompiledNetwork(Self.graph(), options: Self.options)
    let first = try network.session()
    let (count, bytes) = (network.weights.packed.packCount, network.weights.packed.byteCount)
    let second = try network.session(taps: ["b", "e"])
    #expect(count > 3 && bytes > 4 * 16 * 16 * 9)
    #expect(network.weights.packed.packCount == count && network.weights.packed.byteCount == bytes)
    let numbers = try values(first)
    _ = try values(second, seed: 9)
    #expect(try values(second).first == numbers.first)
    #expect(first.inputs[0].view.pointer != second.inputs[0].view.pointer)
    #expect(try values(network.session(pool: ThreadPool(threads: 1))) == numbers, "threads do not change a number")
  }

  @Test func nothingIsPackedTwiceWhenSessionsArePlannedAtOnce() async throws {
    let alone = try CompiledNetwork(Self.graph(), options: Self.options)
    _ = try alone.session()
    for _ in 0..<20 {
      let network = try CompiledNetwork(Self.graph(), options: Self.options)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { _ = try network.session() } }
        try await group.waitForAll()
      }
      #expect(network.weights.packed.packCount == alone.weights.packed.packCount)
    }
  }

  @Test func aPrefixStopsBehindTheDeepestValue() throws {
    let network = try CompiledNetwork(Self.graph(), options: Self.options)
    let whole = try network.session(taps: ["b", "c", "e"])
    let count = network.weights.packed.packCount
    let all = try values(whole, ["b", "c", "e"])
    let prefix = try network.prefix(to: ["b"])
    let short = try prefix.session()
    #expect(short.outputs.map(\.name) == ["b"] && prefix.graph.nodes.count == 2)
    #expect(short.steps.map(\.op) == ["Conv+Relu", "Layout"])
    #expect(try values(short) == [all[1]])
    // The convolution's own output is computed beside the one that the batch normalisation has gone into, as it is for a tap.
    let deeper = try network.prefix(to: ["c", "e"]).session(taps: ["b"])
    #expect(try values(deeper, ["b"]) == [all[2], all[3], all[1]])
    #expect(deeper.steps.allSatisfy { $0.op != "Gemm" })
    #expect(network.weights.packed.packCount == count)
    let error = #expect(throws: InferenceError.self) { try network.prefix(to: ["ee"]) }
    #expect(error?.description.contains("'ee'") == true)
  }

  @Test func otherExtentsAndBatchesPackNothing() throws {
    let network = try CompiledNetwork(Self.graph(), options: Self.options)
    _ = try network.session()
    let count = network.weights.packed.packCount
    let large = try network.resized(["x": [1, 3, 20, 28]])
    let compiled = try CompiledNetwork(Self.graph(height: 20, width: 28), options: Self.options)
    #expect(try values(large.session(taps: ["e"]), ["e"]) == values(compiled.session(taps: ["e"]), ["e"]))
    // What followed from the extents when the model was loaded follows from the new ones.
    let loaded = try CompiledNetwork(Self.graph(readsExtents: true).specialized(inputs: [:]), options: Self.options)
    let resized = try loaded.resized(["x": [1, 3, 20, 28]])
    #expect(try values(resized.session(taps: ["e"]), ["e"]) == values(compiled.session(taps: ["e"]), ["e"]))
    let batch = try large.batched(2).session()
    #expect(batch.inputs[0].view.shape == [2, 3, 20, 28] && batch.outputs[0].view.shape == [2, 10])
    #expect(network.weights.packed.packCount == count)
    let error = #expect(throws: InferenceError.self) { try network.resized(["z": [1, 3, 20, 28]]) }
    #expect(error?.description.contains("'z'") == true)
  }

  @Test func aTailComputesWhatTheWholeDoes() throws {
    let network = try CompiledNetwork(Self.graph(), options: Self.options)
    let whole = try network.session(taps: ["b", "d"])
    let scores = try values(whole)[0]
    let count = network.weights.packed.packCount
    let tail = try network.tail(from: "d", to: "scores").session()
    #expect(tail.inputs.map(\.name) == ["d", "b"])
    for (name, view) in tail.inputs { _ = view.floats.update(fromContentsOf: try #require(whole.tap(name)).floats) }
    try tail.run()
    #expect(zip(tail.outputs[0].view.floats, scores).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(network.weights.packed.packCount == count)
    #expect(throws: InferenceError.self) { try network.tail(from: "e", to: "b") }
  }

  @Test func sessionsOnSeveralThreadsComputeTheSame() async throws {
    let network = try CompiledNetwork(Self.graph(), options: Self.options)
    let pools = [network.pool, network.pool, try ThreadPool(threads: 1)]
    let sessions = try pools.map {
      try network.session(gradients: [GradientRequest(of: ["scores"], withRespectTo: ["x"])], pool: $0)
    }
    @Sendable func results(_ session: Session) throws -> [[Float]] {
      session.seed(0)[0].floats.update(repeating: 1)
      return try (1...12).flatMap { seed in
        let values = try values(session, seed: seed)
        try session.runBackward(0)
        return values + [Array(session.gradient(0, "x")?.floats ?? .init(start: nil, count: 0))]
      }
    }
    let expected = try results(sessions[0])
    let all = try await withThrowingTaskGroup(of: [[Float]].self) { group in
      for session in sessions { group.addTask { try results(session) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all == [expected, expected, expected])
  }
}
