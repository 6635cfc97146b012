import Tensors
import Testing

@testable import Inference

/// Random networks: whatever is fused, folded, laid out or split, the numbers are those of the reference.
@Suite struct RandomNetworkTests {
  static let seeds = Array(0..<24)

  private struct Run {
    var output: [Float]
    var taps: [String: Tensor]
  }

  /// What a network computes; copied, for views do not outlive their session.
  private func run(_ session: Session, _ input: [Float], taps: [String]) throws -> Run {
    input.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
    try session.run()
    return withExtendedLifetime(session) {
      var run = Run(output: Array(session.outputs[0].view.floats), taps: [:])
      for name in taps {
        run.taps[name] = session.tap(name).map { Tensor(Array($0.floats), $0.shape) }
      }
      return run
    }
  }

  private func run(
    _ graph: Graph, _ input: [Float], taps: [String] = [], threads: Int = 1, isa: ISA = .best
  ) throws -> Run {
    try run(CompiledNetwork(graph, options: .init(threads: threads, isa: isa)).session(taps: taps), input, taps: taps)
  }

  @Test(arguments: seeds) func everyValueIsTheReferences(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed, normalizing: seed % 2 == 1)
    let expected = try referenceValues(graph, inputs: ["x": input])
    let names = graph.values.filter { $0.constant == nil }.map(\.name)
    for isa in ISA.allCases where isa.isSupported {
      let taps = try run(graph, input, taps: names, isa: isa).taps
      for name in names {
        let (got, want) = (try #require(taps[name]), try #require(expected[name]))
        #expect(got.shape == want.shape)
        #expect(difference(got, want) <= 3e-5, "\(name) at \(isa), seed \(seed)")
      }
    }
  }

  @Test(arguments: seeds) func tapsChangeNoNumber(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed, normalizing: seed % 2 == 1)
    let session = try CompiledNetwork(graph, options: .init(threads: 1)).session()
    let expected = try run(session, input, taps: []).output
    let names = graph.values.filter { $0.constant == nil }.map(\.name)
    for tapped in names.map({ [$0] }) + [names] {
      try session.setTaps(tapped)
      #expect(try run(session, input, taps: []).output == expected, "tapping \(tapped) changes it, seed \(seed)")
    }
  }

  @Test(arguments: seeds) func threadsChangeNoNumber(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed, normalizing: seed % 2 == 1)
    let names = graph.values.filter { $0.constant == nil }.map(\.name)
    let expected = try run(graph, input, taps: names)
    for threads in 2...3 {
      let got = try run(graph, input, taps: names, threads: threads)
      #expect(got.output == expected.output)
      for name in names {
        #expect(got.taps[name].map { Array($0.view.floats) } == expected.taps[name].map { Array($0.view.floats) })
      }
    }
  }

  @Test(arguments: seeds) func eachPassKeepsTheNumbers(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed, normalizing: seed % 2 == 1)
    let expected = try referenceValues(graph, inputs: ["x": input])
    var prepared = PreparedGraph(unchanged: graph)
    for (index, pass) in PreparedGraph.passes.enumerated() {
      pass(&prepared)
      prepared.collectDeadCode()
      let values = try referenceValues(prepared.graph, inputs: ["x": input])
      for node in prepared.graph.nodes {
        for case let output? in node.outputs {
          let name = graph.values[output].name
          let (got, want) = (try #require(values[name]), try #require(expected[name]))
          #expect(difference(got, want) <= 1e-5, "pass \(index) changes \(name)")
        }
      }
    }
    let fused = Fusion.fuse(prepared.graph, keeping: [], .fp32)
    let name = graph.values[graph.outputs[0]].name
    let (got, want) = (
      try #require(try referenceValues(fused, inputs: ["x": input])[name]), try #require(expected[name])
    )
    #expect(difference(got, want) <= 1e-5)
  }

  private func difference(_ got: Tensor, _ want: Tensor) -> Float {
    withExtendedLifetime((got, want)) { deviation(got.view.floats, from: want.view.floats) }
  }
}
