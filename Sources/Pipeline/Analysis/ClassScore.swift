/// One class with its probability or score.
package struct ClassScore: Sendable, Hashable {
  package var label: String
  /// The class index in the model's output.
  package var index: Int
  /// Softmax probability, or the raw score when the model's sidecar says so.
  package var confidence: Float

  package init(label: String, index: Int, confidence: Float) {
    (self.label, self.index, self.confidence) = (label, index, confidence)
  }
}
