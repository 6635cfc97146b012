import Foundation

/// The softmax of some scores, without memory for all of them: p_i = exp(s_i - max s) / Σ_j exp(s_j - max s).
///
/// A NaN gets the probability 0. Where a score is +∞, all infinite ones have the probability 1; of NaNs alone each has 0.
package struct Softmax: Sendable {
  private let highest: Float
  private let sum: Double

  /// Reads all scores once.
  package init(_ scores: UnsafeBufferPointer<Float>) {
    var highest = -Float.infinity
    for score in scores where score > highest { highest = score }
    var sum = 0.0
    if highest.isFinite {
      for score in scores where !score.isNaN { sum += Double(expf(score - highest)) }
    }
    (self.highest, self.sum) = (highest, sum)
  }

  /// The probability of one of the scores.
  package func probability(of score: Float) -> Float {
    guard highest.isFinite else { return score == .infinity ? 1 : 0 }
    return score.isNaN ? 0 : Float(Double(expf(score - highest)) / sum)
  }
}
