/// Why a model cannot be prepared or run: one sentence for the user, with the node or value it is about.
package struct InferenceError: Error, CustomStringConvertible, Sendable {
  /// The sentence.
  package let description: String

  /// An error with this sentence.
  package init(_ description: String) { self.description = description }

  /// An error about one node: names it and its operator.
  init(_ node: Node, _ what: String) {
    self.init("node '\(node.name)' (\(node.op.name)): \(what)")
  }
}
