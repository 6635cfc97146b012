import Foundation

/// What turns a network's output into probabilities.
package enum OutputActivation: String, Sendable, CaseIterable {
  /// The output holds logits: softmax makes them probabilities.
  case softmax
  /// The output holds log-probabilities.
  case exp
  /// The output holds probabilities, or scores to be shown as they are.
  case none
}

/// The best classes of one output, best first; equal scores in the order of their indices. Allocates only when made.
package struct TopK: Sendable {
  /// One class.
  package struct Entry: Sendable, Hashable {
    /// Position in the model's output.
    package var index: Int
    /// After the activation.
    package var probability: Float
  }

  /// The number of classes wanted.
  package let limit: Int
  /// Best first; fewer than `limit` when the model has fewer classes.
  package private(set) var entries: [Entry] = []

  /// Room for this many classes.
  package init(_ limit: Int) {
    self.limit = limit
    entries.reserveCapacity(limit + 1)
  }

  /// Ranks the output. A NaN ranks below every number.
  package mutating func rank(_ scores: UnsafeBufferPointer<Float>, activation: OutputActivation) {
    entries.removeAll(keepingCapacity: true)
    for index in scores.indices {
      let score = scores[index].isNaN ? -Float.infinity : scores[index]
      insert(Entry(index: index, probability: score))
    }
    switch activation {
    case .none: break
    case .exp: for index in entries.indices { entries[index].probability = exp(entries[index].probability) }
    case .softmax: applySoftmax(over: scores)
    }
  }

  private mutating func insert(_ entry: Entry) {
    guard limit > 0 else { return }
    if entries.count == limit {
      guard entry.probability > entries[limit - 1].probability else { return }
      entries.removeLast()
    }
    var position = entries.count
    while position > 0 && entries[position - 1].probability < entry.probability { position -= 1 }
    entries.insert(entry, at: position)
  }

  /// p_i = exp(s_i - max s) / Σ_j exp(s_j - max s): the shift keeps exp finite.
  private mutating func applySoftmax(over scores: UnsafeBufferPointer<Float>) {
    guard let highest = entries.first?.probability, highest.isFinite else {
      for index in entries.indices { entries[index].probability = entries[index].probability == .infinity ? 1 : 0 }
      return
    }
    var sum = 0.0
    for score in scores where !score.isNaN { sum += Double(expf(score - highest)) }
    for index in entries.indices {
      entries[index].probability = Float(Double(expf(entries[index].probability - highest)) / sum)
    }
  }
}
