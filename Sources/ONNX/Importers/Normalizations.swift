import Inference

extension ImporterTable {
  /// BatchNormalization and its kin.
  static let normalizations: [String: ImporterEntry] = [:]
}
