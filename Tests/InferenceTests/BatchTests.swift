import Tensors
import Testing

@testable import Inference

/// Several pictures in one run: each gets the numbers that it gets alone.
@Suite struct BatchTests {
  private func values(_ session: Session, _ input: [Float], _ taps: [String]) throws -> [[Float]] {
    input.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
    try session.run()
    return withExtendedLifetime(session) {
      session.outputs.map { Array($0.view.floats) } + taps.compactMap { session.tap($0).map { Array($0.floats) } }
    }
  }

  private func expectSameNumbers(
    _ graph: Graph, _ input: [Float], taps: [String], precision: Precision = .fp32, _ label: String
  ) throws {
    let pictures = [input, input.map { 0.5 - $0 }, input.map { $0 * $0 }]
    for threads in [1, 2] {
      var options = NetworkOptions(threads: threads)
      options.precision = precision
      let network = try CompiledNetwork(graph, options: options)
      let single = try network.session(taps: taps)
      let count = network.weights.packed.packCount
      let many = try network.batched(pictures.count).session(taps: taps)
      #expect(network.weights.packed.packCount == count, "\(label): nothing is packed for the batch")
      let gathered = try values(many, pictures.flatMap { $0 }, taps)
      for (index, picture) in pictures.enumerated() {
        for (alone, all) in zip(try values(single, picture, taps), gathered) {
          let part = all[index * alone.count..<(index + 1) * alone.count]
          #expect(Array(part) == alone, "\(label), picture \(index), \(threads) threads")
        }
      }
    }
  }

  @Test func randomNetworksComputeTheSame() throws {
    var batched = 0
    for seed in RandomNetworkTests.seeds {
      let (graph, input) = try RandomNetwork.make(seed: seed)
      guard (try? graph.batched(3)) != nil else { continue }
      batched += 1
      let names = graph.nodes.compactMap { $0.outputs[0].map { graph.values[$0].name } }
      try expectSameNumbers(graph, input, taps: [], "seed \(seed)")
      try expectSameNumbers(graph, input, taps: [names[names.count / 2]], "seed \(seed), tapped")
      guard Bfloat16.unit != nil, ISA.best == .avx512 else { continue }
      try expectSameNumbers(graph, input, taps: [], precision: .bf16, "seed \(seed), bf16")
    }
    #expect(batched >= 5, "\(batched) networks can be batched")
  }

  @Test(arguments: [(1100, 1000), (300, 70)]) func fullyConnectedLayersComputeTheSame(inputs: Int, outputs: Int) throws
  {
    var generator = SeededGenerator(seed: 6)
    var builder = GraphBuilder()
    builder.input("x", [1, inputs] as Shape)
    _ = builder.value("w", constant: Tensor(generator.floats(inputs * outputs), [outputs, inputs]))
    builder.node(Gemm(transposeB: true), ["x", "w"], ["y"])
    builder.output("y")
    let graph = try builder.graph.specialized(inputs: [:])
    #expect(graph.fullyConnectedWeights == inputs * outputs)
    try expectSameNumbers(graph, generator.floats(inputs), taps: [], "\(inputs) to \(outputs)")
  }

  @Test func networksThatMixPicturesAreRefused() throws {
    var builder = GraphBuilder()
    builder.input("x", [1, 3] as Shape)
    builder.node(Transpose(permutation: [1, 0]), ["x"], ["y"])
    builder.output("y")
    let graph = try builder.graph.specialized(inputs: [:])
    #expect(throws: InferenceError.self) { try graph.batched(2) }
    #expect(throws: InferenceError.self) { try graph.batched(0) }
  }
}
