import Foundation
import Tensors

/// What turns a network's output into probabilities.
package enum OutputActivation: String, Sendable, CaseIterable {
  /// The output holds logits: softmax makes them probabilities.
  case softmax
  /// The output holds logits of classes that do not exclude each other: each has a probability of its own.
  case sigmoid
  /// The output holds log-probabilities.
  case exp
  /// The output holds probabilities, or scores to be shown as they are.
  case none

  /// Writes what is shown for each score: its probability, or the score itself. Allocates nothing.
  package func apply(_ scores: UnsafeBufferPointer<Float>, into shown: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .none: for i in scores.indices { shown[i] = scores[i] }
    case .sigmoid: for i in scores.indices { shown[i] = scores[i].isNaN ? 0 : 1 / (1 + expf(-scores[i])) }
    case .exp: for i in scores.indices { shown[i] = scores[i].isNaN ? 0 : expf(scores[i]) }
    case .softmax:
      let softmax = Softmax(scores)
      for i in scores.indices { shown[i] = softmax.probability(of: scores[i]) }
    }
  }
}

/// The indices of the best scores, best first; equal scores in the order of their indices. Allocates only when made.
package struct TopK: Sendable {
  package let limit: Int
  /// Best first; fewer than `limit` when there are fewer scores.
  package private(set) var indices: [Int] = []

  package init(_ limit: Int) {
    self.limit = limit
    indices.reserveCapacity(limit + 1)
  }

  /// Ranks the scores. A NaN ranks below every number.
  package mutating func rank(_ scores: UnsafeBufferPointer<Float>) {
    indices.removeAll(keepingCapacity: true)
    guard limit > 0 else { return }
    func rank(_ index: Int) -> Float { scores[index].isNaN ? -.infinity : scores[index] }
    for index in scores.indices {
      let score = rank(index)
      if indices.count == limit {
        guard score > rank(indices[limit - 1]) else { continue }
        indices.removeLast()
      }
      var position = indices.count
      while position > 0, rank(indices[position - 1]) < score { position -= 1 }
      indices.insert(index, at: position)
    }
  }
}
