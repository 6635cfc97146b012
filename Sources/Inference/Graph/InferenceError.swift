/// Why a model cannot be prepared or run: one sentence for the user, with the node or value it is about.
package struct InferenceError: Error, CustomStringConvertible, Sendable {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// An error about one node: names it and its operator.
  init(_ node: Node, _ what: String) {
    self.init("node '\(node.name)' (\(node.op.name)): \(what)")
  }
}
