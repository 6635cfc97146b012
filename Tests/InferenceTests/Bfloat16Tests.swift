import AllocationCounter
import CKernels
import Tensors
import Testing

@testable import Inference

private let hasBfloat16 = Bfloat16.unit != nil && ISA.best == .avx512

private func options(threads: Int = 1, isa: ISA = .best) -> NetworkOptions {
  var options = NetworkOptions(threads: threads, isa: isa)
  (options.precision, options.tuning) = (.bf16, .rule)
  return options
}

/// Networks that multiply bfloat16.
@Suite(.enabled(if: hasBfloat16)) struct Bfloat16Tests {
  private struct Run {
    var output: [Float]
    var taps: [String: [Float]]
  }

  private func run(_ session: Session, _ input: [Float], taps: [String] = []) throws -> Run {
    input.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
    try session.run()
    return withExtendedLifetime(session) {
      Run(
        output: Array(session.outputs[0].view.floats),
        taps: Dictionary(
          uniqueKeysWithValues: taps.compactMap { name in session.tap(name).map { (name, Array($0.floats)) } }))
    }
  }

  /// Every value is near the reference's: 8 bits, a dozen layers, each rounding once or twice.
  @Test(arguments: RandomNetworkTests.seeds) func everyValueIsNearTheReferences(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed)
    let expected = try referenceValues(graph, inputs: ["x": input])
    let names = graph.values.filter { $0.constant == nil }.map(\.name)
    let taps = try run(CompiledNetwork(graph, options: options()).session(taps: names), input, taps: names).taps
    for name in names {
      let (got, want) = (try #require(taps[name]), try #require(expected[name]))
      let wanted = withExtendedLifetime(want) { Array(want.view.floats) }
      // Root mean square of the differences by that of the numbers.
      let error = zip(got, wanted).map { Double($0 - $1) * Double($0 - $1) }.reduce(0, +)
      let size = wanted.map { Double($0) * Double($0) }.reduce(0, +)
      #expect(
        got.count == wanted.count && error.squareRoot() <= 0.05 * size.squareRoot() + 1e-6, "\(name), seed \(seed)")
    }
  }

  @Test(arguments: RandomNetworkTests.seeds) func tapsAndThreadsChangeNoNumber(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed)
    let session = try CompiledNetwork(graph, options: options()).session()
    let expected = try run(session, input).output
    let names = graph.values.filter { $0.constant == nil }.map(\.name)
    for tapped in names.map({ [$0] }) + [names] {
      try session.setTaps(tapped)
      #expect(try run(session, input).output == expected, "tapping \(tapped) changes it, seed \(seed)")
    }
    for threads in 2...3 {
      let other = try CompiledNetwork(graph, options: options(threads: threads)).session()
      #expect(try run(other, input).output == expected, "\(threads) threads change it, seed \(seed)")
    }
  }

  /// Branches that begin in the middle of a block of 32 channels, and such whose channels do not fill one.
  @Test(arguments: [[208, 48, 64], [16, 16], [112, 288, 64, 64], [32, 64, 16], [48, 48, 48, 16]])
  func branchesAreWrittenInPlace(channels: [Int]) throws {
    var generator = SeededGenerator(seed: 3)
    var builder = GraphBuilder()
    builder.input("x", [1, 8, 6, 7] as Shape)
    for (index, count) in channels.enumerated() {
      _ = builder.value("w\(index)", constant: Tensor(generator.floats(count * 8), [count, 8, 1, 1]))
      builder.node(Conv(), ["x", "w\(index)"], ["b\(index)"])
    }
    builder.node(Concat(axis: 1), channels.indices.map { "b\($0)" }, ["y"])
    let total = channels.reduce(0, +)
    _ = builder.value("w", constant: Tensor(generator.floats(20 * total), [20, total, 1, 1]))
    builder.node(Conv(), ["y", "w"], ["z"])
    builder.output("z")
    let graph = try builder.graph.specialized(inputs: [:])
    let input = generator.floats(8 * 42)
    let session = try CompiledNetwork(graph, options: options(threads: 2)).session()
    #expect(!session.steps.contains { $0.op == "Concat" })
    #expect(session.steps.contains { $0.algorithm.hasSuffix("bf16") && $0.layout == "bf16" })
    let usual = try CompiledNetwork(graph, options: .init(threads: 1)).session()
    #expect(!usual.steps.contains { $0.algorithm.contains("bf16") }, "it is never the default")
    let inPlace = try run(session, input).output
    let before = fovea_thread_allocation_count()
    try session.run()
    #expect(fovea_thread_allocation_count() == before)
    let expected = try #require(try referenceValues(graph, inputs: ["x": input])["z"])
    withExtendedLifetime(expected) { #expect(deviation(expected.view.floats, from: inPlace) < 0.05) }
    // A tapped branch is copied instead; nothing changes.
    try session.setTaps(channels.indices.map { "b\($0)" })
    #expect(try run(session, input).output == inPlace)
  }

  /// Large 3x3 convolutions go through float32 where vdpbf16ps multiplies: with a clamp, with a sum and a function that is none, into the
  /// middle of a block.
  @Test func winogradBetweenBfloat16ValuesChangesNoNumber() throws {
    var generator = SeededGenerator(seed: 5)
    var builder = GraphBuilder()
    func conv(_ from: String, _ to: String, _ channels: (Int, Int), kernel: Int) {
      let shape: Shape = [channels.1, channels.0, kernel, kernel]
      let scale = 1.7 / Float(channels.0 * kernel * kernel).squareRoot()
      let weights = generator.floats(shape.count).map { $0 * scale }
      _ = builder.value("w\(to)", constant: Tensor(weights, shape))
      let pad = kernel / 2
      let pads = Pads(top: pad, left: pad, bottom: pad, right: pad)
      builder.node(Conv(padding: .explicit(pads)), [from, "w\(to)"], [to])
    }
    builder.input("x", [1, 8, 24, 24] as Shape)
    conv("x", "a", (8, 48), kernel: 1)
    conv("a", "b", (48, 80), kernel: 3)
    builder.node(Relu(), ["b"], ["c"])
    conv("c", "d", (80, 80), kernel: 3)
    builder.node(Add(), ["d", "c"], ["e"])
    builder.node(Sigmoid(), ["e"], ["f"])
    conv("f", "g", (80, 80), kernel: 3)
    builder.node(Add(), ["g", "f"], ["h"])
    builder.node(Relu(), ["h"], ["i"])
    conv("i", "q", (80, 16), kernel: 1)
    conv("i", "p", (80, 48), kernel: 3)
    builder.node(Concat(axis: 1), ["q", "p"], ["y"])
    conv("y", "z", (64, 20), kernel: 1)
    builder.output("z")
    let graph = try builder.graph.specialized(inputs: [:])
    let input = generator.floats(8 * 576)
    let session = try CompiledNetwork(graph, options: options()).session()
    let expected = try run(session, input).output
    let forms = session.steps.count { $0.algorithm.hasPrefix("Winograd") }
    #expect(forms == (Bfloat16.unit == FOVEA_BF16_AVX512 ? 4 : 0))
    let weights: [Int] = [8 * 48, 9 * 48 * 80, 9 * 80 * 80, 9 * 80 * 80, 80 * 16, 9 * 80 * 48, 64 * 20]
    let counted = session.steps.reduce(0) { $0 + $1.cost.multiplyAdds }
    #expect(counted == 576 * weights.reduce(0, +))
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "p", "q", "y", "z"]
    let references = try referenceValues(graph, inputs: ["x": input])
    for tapped in names.map({ [$0] }) + [names] {
      try session.setTaps(tapped)
      let tapping = try run(session, input, taps: tapped)
      let changed = zip(tapping.output, expected).count { $0 != $1 }
      #expect(changed == 0, "tapping \(tapped) changes it")
      for name in tapped {
        let want = try #require(references[name])
        withExtendedLifetime(want) {
          #expect(deviation(want.view.floats, from: tapping.taps[name] ?? []) < 0.06, "\(name)")
        }
      }
    }
    for threads in 2...3 {
      let other = try CompiledNetwork(graph, options: options(threads: threads)).session()
      #expect(try run(other, input).output == expected, "\(threads) threads change it")
    }
  }
}

@Suite struct Bfloat16RefusalTests {
  @Test func instructionSetsWithoutItAreRefused() throws {
    let (graph, _) = try RandomNetwork.make(seed: 1)
    for isa in [ISA.scalar, .avx2] where isa.isSupported {
      let error = #expect(throws: InferenceError.self) {
        try CompiledNetwork(graph, options: options(isa: isa)).session()
      }
      #expect(error?.description.hasPrefix("precision bf16 needs") == true)
      #expect(error?.description.contains("\n") == false)
    }
  }
}
