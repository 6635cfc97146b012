import Foundation
import Models
import TestSupport
import Testing

@Suite struct TopKTests {
  private func rank(
    _ scores: [Float], _ limit: Int, _ activation: OutputActivation
  ) -> [(index: Int, probability: Float)] {
    var top = TopK(limit)
    var shown = [Float](repeating: 0, count: scores.count)
    scores.withUnsafeBufferPointer { scores in
      top.rank(scores)
      shown.withUnsafeMutableBufferPointer { activation.apply(scores, into: $0) }
    }
    return top.indices.map { ($0, shown[$0]) }
  }

  @Test func bestComeFirstAndEqualOnesInOrder() {
    #expect(rank([1, 5, 3, 5, 2], 3, .none).map(\.index) == [1, 3, 2])
    #expect(rank([1, 2], 5, .none).map(\.index) == [1, 0])
    #expect(rank([1, 2], 0, .softmax).isEmpty)
  }

  @Test func rankingAgreesWithSorting() {
    var generator = SplitMix64(1)
    for _ in 0..<50 {
      let scores = (0..<100).map { _ in Float(Int.random(in: 0..<20, using: &generator)) }
      let expected = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(7)
      #expect(rank(scores, 7, .none).map(\.index) == Array(expected))
    }
  }

  @Test func softmaxSumsToOneAndSurvivesLargeLogits() {
    let entries = rank([1000, 1001, 999, -1000], 4, .softmax)
    #expect(abs(entries.map(\.probability).reduce(0, +) - 1) < 1e-6)
    // softmax(1001 | 1000, 999) = 1 / (1 + e^-1 + e^-2)
    #expect(abs(entries[0].probability - 1 / (1 + Float(M_E) / Float(M_E * M_E) + exp(-2))) < 1e-6)
    #expect(entries[0].index == 1)
  }

  @Test func notANumberRanksLast() {
    let entries = rank([.nan, 1, .nan, 2], 4, .softmax)
    #expect(entries.prefix(2).map(\.index) == [3, 1])
    #expect(entries.allSatisfy { $0.probability.isFinite })
    #expect(rank([.infinity, 1], 2, .softmax)[0].probability == 1)
    #expect(rank([.nan, .nan], 2, .softmax).allSatisfy { $0.probability.isFinite })
  }

  @Test func logProbabilitiesAreExponentiated() {
    #expect(abs(rank([log(0.25), log(0.75)], 1, .exp)[0].probability - 0.75) < 1e-6)
  }
}
