import Inference
import TestSupport
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
    var random = SplitMix64(1)
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
    var random = SplitMix64(2)
    for _ in 0..<4000 {
      var model = Self.models[Int(random.next() % UInt64(Self.models.count))]
      for _ in 0...random.next() % 4 {
        model[Int(random.next() % UInt64(model.count))] = edges[Int(random.next() % 5)]
      }
      exercise(model)
    }
  }

  /// The bytes are imported, or refused with one of our sentences.
  private func exercise(_ bytes: [UInt8]) {
    do {
      try ONNXTests.exercise(bytes)
    } catch let error as ModelError {
      #expect(!error.description.contains { $0.isNewline })
    } catch {
      // The graph's own refusal.
      #expect(error is InferenceError || error is OperatorError, "\(error)")
    }
  }
}
