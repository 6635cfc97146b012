import Inference

extension ImporterTable {
  /// The activation functions.
  static let activations: [String: ImporterEntry] = [:]
}
