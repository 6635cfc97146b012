import Inference

extension ImporterTable {
  /// The pools.
  static let pooling: [String: ImporterEntry] = [:]
}
