/// Why a model file cannot be used: one sentence that names the file, the node and the attribute where it can.
package struct ModelError: Error, CustomStringConvertible, Sendable {
  /// The sentence.
  package let description: String

  /// An error with this sentence.
  package init(_ description: String) { self.description = description }
}
