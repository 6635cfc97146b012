import Foundation
import Tensors

extension Graph {
  /// What an output says of the classes: seen in its values, whatever operators compute them. Nil for scores of another kind.
  package func scoreForm(of output: ValueID) -> ScoreForm? {
    if let form = layer(computing: output)?.op.scoreForm { return form }
    let tail = ScoreTail(self, to: output)
    if let form = ScoreForm(tail) { return form }
    let longer = ScoreTail(self, to: output, passesProducts: true)
    guard longer.nodes.count > tail.nodes.count, longer.nodes.contains(where: { $0.op.scoreForm != nil }) else {
      return nil
    }
    return ScoreForm(longer)
  }

  /// What the numbers of an output always sum to where they are shares of something other than 1, as of 100 per cent; nil for others.
  package func scoreTotal(of output: ValueID) -> Float? {
    guard let draws = ScoreTail(self, to: output).draws(), draws.allSatisfy({ $0.allSatisfy { $0 >= -1e-6 } }) else {
      return nil
    }
    let sums = draws.map { $0.reduce(0, +) }
    guard let total = sums.first, total > 1.01, sums.allSatisfy({ abs($0 - total) <= 1e-3 * total }) else { return nil }
    return total
  }
}

extension ScoreTail {
  /// The output for numbers of all sizes; nil where it is not computed, is not finite, or never changes, which says nothing.
  fileprivate func draws() -> [[Float]]? {
    guard !nodes.isEmpty else { return nil }
    var generator = NumberSource()
    var draws: [[Float]] = []
    for scale: Float in [0, 1, 1, 5, 5, 30] {
      guard let values = values({ _ in generator.next() * scale }), values.allSatisfy(\.isFinite) else { return nil }
      draws.append(values)
    }
    return draws.contains { $0 != draws[0] } ? draws : nil
  }
}

extension ScoreForm {
  /// Numbers that stay within 0…1 whatever the layers before say are probabilities; they need not sum to 1, as where a class
  /// was cut off. Numbers whose exponentials never sum to more than 1 are logarithms of probabilities.
  fileprivate init?(_ tail: ScoreTail) {
    guard let draws = tail.draws() else { return nil }
    if draws.allSatisfy({ $0.allSatisfy { (-1e-6...1.00001).contains($0) } }) {
      self = .probabilities
    } else if draws.allSatisfy({ $0.allSatisfy { $0 <= 1e-6 } && $0.reduce(0) { $0 + expf($1) } <= 1.001 }) {
      self = .logarithmsOfProbabilities
    } else {
      return nil
    }
  }
}

/// The same numbers of about normal distribution at each start (Marsaglia 2003, "Xorshift RNGs"; sums of uniform ones).
private struct NumberSource {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next() -> Float {
    var sum: Float = -2
    for _ in 0..<4 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      sum += Float(state >> 40) / Float(1 << 24)
    }
    return sum * Float(3).squareRoot()
  }
}
