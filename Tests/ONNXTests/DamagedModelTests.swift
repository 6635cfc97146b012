import Foundation
import Inference
import Tensors
import Testing

@testable import ONNX

/// Good models, cut off or with bits flipped: refused or run, never a crash.
@Suite struct DamagedModelTests {
  /// Small models of many operators.
  private static let models: [[UInt8]] = {
    let cases = OperatorCases.families.flatMap { (try? OperatorCases.load($0)) ?? [] }
    return cases.map(\.model).filter { $0.count < 1200 }
  }()

  @Test func truncatedAnywhere() throws {
    let everyFamily = OperatorCases.families.compactMap { try? OperatorCases.load($0).first?.model }
    for model in everyFamily.map({ $0.count > 3000 ? Array($0.prefix(3000)) : $0 }) {
      for count in 0..<model.count { exercise(Array(model.prefix(count))) }
    }
  }

  @Test func flippedBits() {
    var random = SplitMix(state: 1)
    for _ in 0..<6000 {
      var model = Self.models[Int(random.next() % UInt64(Self.models.count))]
      for _ in 0...random.next() % 3 {
        let bit = Int(random.next() % UInt64(model.count * 8))
        model[bit / 8] ^= 1 << (bit % 8)
      }
      exercise(model)
    }
  }

  @Test func replacedBytes() {
    // Numbers at the edges of ranges, where lengths, extents and attributes are.
    let edges: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF]
    var random = SplitMix(state: 2)
    for _ in 0..<4000 {
      var model = Self.models[Int(random.next() % UInt64(Self.models.count))]
      for _ in 0...random.next() % 4 {
        model[Int(random.next() % UInt64(model.count))] = edges[Int(random.next() % 5)]
      }
      exercise(model)
    }
  }

  /// Imports, settles the types, and runs what is small enough.
  private func exercise(_ bytes: [UInt8]) {
    do {
      let model = try importModel(bytes: bytes, name: "damaged")
      var shapes: [String: Shape] = [:]
      for input in model.graph.inputs {
        shapes[model.graph.values[input.value].name] = Shape(
          (input.extents ?? []).map { if case .fixed(let extent) = $0 { extent } else { 2 } })
      }
      let graph = try model.graph.specialized(inputs: shapes)
      let count = graph.values.reduce(0) { $0 + min($1.type?.shape.count ?? 0, 1 << 20) }
      guard count < 20_000 else { return }
      let feeds = graph.inputs.map { input in
        (graph.values[input.value].name, Tensor(input.element, graph.values[input.value].type?.shape ?? []))
      }
      _ = try interpret(graph, Dictionary(feeds) { $1 })
      // The kernels must hold to the same bounds as the reference.
      try Session(graph: graph, inputShapes: shapes, options: SessionOptions(threads: 1)).run()
    } catch let error as ModelError {
      #expect(!error.description.contains { $0.isNewline })
    } catch {
      // The graph's own refusal.
      #expect(error is InferenceError || error is OperatorError, "\(error)")
    }
  }
}

/// Steele et al. 2014, "Fast splittable pseudorandom number generators": the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
