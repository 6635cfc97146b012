import CKernels
import Foundation
import Telemetry
import TestSupport
import Tensors
import Testing

@testable import Inference

/// Kernels that know Winograd, whatever FOVEA_ISA says.
private let isa = ISA.supportedBest

/// A network of two equal convolutions for which the model of costs sees two or more ways, and numbers for its input.
private func network(pad: Int = 1) throws -> (graph: Graph, input: [Float]) {
  var builder = GraphBuilder()
  var generator = SeededGenerator(seed: 3)
  let same = Padding.explicit(Pads(top: pad, left: pad, bottom: pad, right: pad))
  builder.input("x", [1, 64, 6, 6] as Shape)
  for (index, name) in ["x", "a"].enumerated() {
    _ = builder.value("w\(index)", constant: Tensor(generator.floats(64 * 64 * 9), [64, 64, 3, 3]))
    builder.node(Conv(padding: same), [name, "w\(index)"], [index == 0 ? "a" : "y"])
  }
  builder.output("y")
  return (try builder.graph.specialized(inputs: [:]), generator.floats(64 * 6 * 6))
}

private func options(_ store: TuningStore, threads: Int = 1, precision: Precision = .fp32) -> NetworkOptions {
  var options = NetworkOptions(threads: threads, isa: isa)
  options.precision = precision
  (options.tuning, options.tuningStore) = (.measured, store)
  return options
}

private func contested(_ graph: Graph, precision: Precision = .fp32) throws -> [ContestedLayer] {
  var options = NetworkOptions(threads: 1, isa: isa)
  options.precision = precision
  return try CompiledNetwork(graph, options: options).session().planner.contestedLayers
}

private func files(in folder: URL) throws -> [URL] {
  try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
}

/// A clock that moves by the same step whenever it is asked: what is measured by it takes the same time on every machine.
private final class SteadyClock: TimeSource, @unchecked Sendable {
  // Safety: each test has its own and asks from one thread.
  private let step: Int64
  private var time: Int64 = 0
  init(step: Int64) { self.step = step }
  func now() -> MonotonicTime {
    time += step
    return MonotonicTime(nanoseconds: time)
  }
  func sleep(until moment: MonotonicTime) {}
}

@Suite(.enabled(if: ISA.supportedBest != .scalar)) struct TuningTests {
  @Test func equalLayersAreMeasuredOnceAndTheCacheHoldsTheChoice() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, _) = try network()
      let layers = try contested(graph)
      #expect(layers.count == 1 && layers[0].uses == 2 && layers[0].candidates.count >= 2)
      let first = TuningStore(folder: folder.path + "/made", clock: SteadyClock(step: 1000))
      let steps = try CompiledNetwork(graph, options: options(first)).session().steps.map(\.algorithm)
      // One run that does not count and three that do, for each candidate.
      #expect(first.kernelRuns == 4 * layers[0].candidates.count)
      #expect(try files(in: folder.appendingPathComponent("made")).count == 1)
      _ = try CompiledNetwork(graph, options: options(first)).session()
      #expect(first.kernelRuns == 4 * layers[0].candidates.count, "the second session measures nothing")
      let second = TuningStore(folder: folder.path + "/made")
      #expect(try CompiledNetwork(graph, options: options(second)).session().steps.map(\.algorithm) == steps)
      #expect(second.kernelRuns == 0, "another process measures nothing")
    }
  }

  @Test func theCacheDecidesWhateverTheRuleSays() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, input) = try network()
      let layers = try contested(graph)
      var (names, outputs): (Set<[String]>, [[Float]]) = ([], [])
      for algorithm in layers[0].candidates {
        for threads in 1...3 {
          let store = TuningStore(folder: folder.path)
          if threads == 1 {
            _ = store.choices(for: layers, model: graph.fingerprint, isa: isa, lean: false)
            let file = try #require(try files(in: folder).first)
            var kept = try #require(TuningFile(try Data(contentsOf: file)))
            kept.choices[layers[0].layer] = algorithm
            try Data(kept.text.utf8).write(to: file)
          }
          let session = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path), threads: threads))
            .session()
          for (index, x) in input.enumerated() { session.inputs[0].view.floats[index] = x }
          try session.run()
          names.insert(session.steps.map(\.algorithm))
          let output = Array(session.outputs[0].view.floats)
          if threads > 1 { #expect(output == outputs.last, "\(threads) threads") }
          outputs.append(output)
        }
      }
      #expect(names.count == layers[0].candidates.count)
    }
  }

  @Test func withoutAPlaceToKeepThemNoChoicesAreMeasured() throws {
    let (graph, _) = try network()
    let rule = try CompiledNetwork(graph, options: .init(threads: 1, isa: isa)).session().steps.map(\.algorithm)
    for folder in [nil, "/dev/null/fovea", "/proc/fovea"] {
      let store = TuningStore(folder: folder)
      #expect(try CompiledNetwork(graph, options: options(store)).session().steps.map(\.algorithm) == rule)
      #expect(store.kernelRuns == 0)
    }
  }

  @Test func damagedAndForeignFilesAreIgnoredAndReplaced() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, _) = try network()
      let layers = try contested(graph)
      _ = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path))).session()
      let file = try #require(try files(in: folder).first)
      let good = try #require(TuningFile(try Data(contentsOf: file)))
      var ineligible = good
      ineligible.choices[layers[0].layer] = FOVEA_CONV_WINOGRAD_4_5
      var incomplete = good
      incomplete.choices = [:]
      var foreign = good
      foreign.key += "x"
      for bad in [ineligible.text, incomplete.text, foreign.text, "", "fovea-tuning 1\n", "\0\0"] {
        try Data(bad.utf8).write(to: file)
        let store = TuningStore(folder: folder.path)
        let steps = try CompiledNetwork(graph, options: options(store)).session().steps
        #expect(store.kernelRuns > 0 && !steps.contains { $0.algorithm.contains("5x5") })
        #expect(TuningFile(try Data(contentsOf: file))?.fits(layers) == true, "a good file is in its place")
        #expect(try files(in: folder).count == 1, "drafts are removed")
      }
    }
  }

  @Test func aPipeOrAFolderInItsPlaceDoesNoHarm() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, _) = try network()
      _ = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path))).session()
      let file = try #require(try files(in: folder).first)
      try FileManager.default.removeItem(at: file)
      #expect(mkfifo(file.path, 0o600) == 0)
      _ = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path))).session()
      try FileManager.default.removeItem(at: file)
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
      _ = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path))).session()
      #expect(try files(in: folder).count == 1, "drafts are removed")
    }
  }

  @Test func everyCPUAndNetworkHasItsOwn() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, _) = try network()
      let layers = try contested(graph)
      for (count, cpu) in ["here", "elsewhere"].enumerated() {
        let store = TuningStore(folder: folder.path, cpu: cpu)
        _ = try CompiledNetwork(graph, options: options(store)).session()
        #expect(store.kernelRuns > 0)
        #expect(try files(in: folder).count == count + 1)
      }
      let store = TuningStore(folder: folder.path, cpu: "here")
      _ = store.choices(for: layers, model: "another", isa: isa, lean: false)
      #expect(store.kernelRuns > 0)
      #expect(try network(pad: 2).graph.fingerprint != graph.fingerprint)
      #expect(try network().graph.fingerprint == graph.fingerprint)
    }
  }

  @Test func tapsDoNotChangeTheChoices() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, _) = try network()
      let store = TuningStore(folder: folder.path)
      _ = try CompiledNetwork(graph, options: options(store)).session(taps: ["a"])
      let runs = store.kernelRuns
      _ = try CompiledNetwork(graph, options: options(store)).session()
      #expect(store.kernelRuns == runs && runs > 0)
    }
  }

  /// Between values in bfloat16 the direct kernel and Winograd in float32 are measured, apart from what float32 has.
  @Test(.enabled(if: Bfloat16.unit == FOVEA_BF16_AVX512)) func bfloat16HasChoicesOfItsOwn() throws {
    try TestData.withTemporaryFolder { folder in
      let (graph, _) = try network()
      _ = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path))).session()
      let layers = try contested(graph, precision: .bf16)
      #expect(layers.count == 1 && layers[0].uses == 2 && layers[0].bfloat16 != nil)
      #expect(layers[0].candidates.contains(FOVEA_CONV_BLOCKED) && layers[0].candidates.count >= 2)
      let old = try files(in: folder)
      let store = TuningStore(folder: folder.path, clock: SteadyClock(step: 1000))
      _ = try CompiledNetwork(graph, options: options(store, precision: .bf16)).session()
      #expect(store.kernelRuns == 4 * layers[0].candidates.count)
      let file = try #require(try files(in: folder).first { !old.contains($0) })
      for algorithm in layers[0].candidates {
        var kept = try #require(TuningFile(try Data(contentsOf: file)))
        kept.choices[layers[0].layer] = algorithm
        try Data(kept.text.utf8).write(to: file)
        let session = try CompiledNetwork(graph, options: options(TuningStore(folder: folder.path), precision: .bf16))
          .session()
        let form = algorithm == FOVEA_CONV_BLOCKED ? "direct 3x3, avx512 bf16" : "Winograd"
        #expect(session.steps.count { $0.algorithm.hasPrefix(form) } == 2, "\(algorithm)")
        try session.run()
      }
    }
  }

  @Test func theBudgetEndsTheMeasuring() throws {
    let layers = try contested(try network().graph)
    var late = Tuner(isa: isa, clock: SteadyClock(step: 1_000_000_000))
    #expect(late.choices(for: layers) == [layers[0].layer: layers[0].candidates[0]])
    #expect(late.kernelRuns == 0)
    // All candidates take the same time: the rule's choice stays.
    var even = Tuner(isa: isa, clock: SteadyClock(step: 1000))
    #expect(even.choices(for: layers) == [layers[0].layer: layers[0].candidates[0]])
    #expect(even.kernelRuns == 4 * layers[0].candidates.count)
  }
}

@Suite struct TuningFileTests {
  private let file: TuningFile = {
    var params = fovea_conv_params()
    var choices: TunedChoices = [:]
    for (index, algorithm) in [FOVEA_CONV_BLOCKED, FOVEA_CONV_WINOGRAD_2_3, FOVEA_CONV_WINOGRAD_4_5].enumerated() {
      params.in_channels = Int32(index)
      choices[ConvolutionLayer(params)] = algorithm
    }
    return TuningFile(key: "0.1.0; avx2; 00ff; vendor_id Öther 6", choices: choices)
  }()

  @Test func aTuningFileIsReadAsItWasWritten() {
    #expect(TuningFile(file.text.utf8) == file)
    #expect(TuningFile(TuningFile(key: "k", choices: [:]).text.utf8)?.choices.isEmpty == true)
  }

  @Test func everyTruncationAndEveryChangedByteIsNoticed() {
    let bytes = Array(file.text.utf8)
    for count in bytes.indices { #expect(TuningFile(bytes.prefix(count)) == nil, "\(count) bytes") }
    for index in bytes.indices {
      for bit: UInt8 in [1, 0x20, 0x80] {
        var damaged = bytes
        damaged[index] ^= bit
        #expect(TuningFile(damaged) == nil, "byte \(index)")
      }
    }
    #expect(TuningFile(bytes + [10]) == nil)
    #expect(TuningFile(bytes + bytes) == nil)
  }

  @Test func randomBytesAreNoTuningFile() {
    var generator = SplitMix64(1)
    for count in 0..<2000 {
      #expect(TuningFile((0..<count % 300).map { _ in UInt8.random(in: 0...255, using: &generator) }) == nil)
    }
    let layer = "layer " + String(repeating: "1 ", count: 16)
    for line in [
      "layer", "layer ", "layer direct", "layer 1 direct", layer, layer + "x", "layer  direct", "\(layer)1 direct",
    ] {
      let body = "fovea-tuning 1\nkey k\n\(line)\n"
      #expect(TuningFile((body + "end \(StableHash.of(body))\n").utf8) == nil, "\(line)")
    }
  }

  /// Vectors of draft-eastlake-fnv, appendix C.
  @Test func theHashIsFNV1a() {
    #expect(StableHash.of("") == "cbf29ce484222325")
    #expect(StableHash.of("a") == "af63dc4c8601ec8c")
    #expect(StableHash.of("foobar") == "85944171f73967e8")
  }

  @Test func theCPUIsIdentifiedByLinesThatDoNotChange() {
    let text = """
      processor\t: 0
      vendor_id\t: GenuineIntel
      model\t\t: 143
      cpu MHz\t\t: 2000.000
      flags\t\t: fpu avx

      processor\t: 1
      vendor_id\t: Other
      """
    #expect(CPUIdentity.text(of: text) == "vendor_id GenuineIntel; model 143; flags fpu avx")
    #expect(CPUIdentity.text(of: "").isEmpty)
  }
}
