import Tensors

/// One of two parts of a network, by a condition that is known when the network is loaded. ONNX If.
///
/// Exporters write `squeeze` so: the condition compares an extent with 1. `Graph.specialized` puts the nodes of the branch that is taken in
/// the place of this one; a condition that depends on the picture is refused.
package struct Conditional: Operator {
  /// Nodes, and the values that are the outputs.
  package struct Branch: Sendable {
    package var nodes: [Node]
    package var outputs: [ValueID]

    package init(nodes: [Node], outputs: [ValueID]) { (self.nodes, self.outputs) = (nodes, outputs) }
  }

  package var name: String { "If" }
  package var whenTrue: Branch, whenFalse: Branch

  package init(whenTrue: Branch, whenFalse: Branch) { (self.whenTrue, self.whenFalse) = (whenTrue, whenFalse) }

  /// The branch that a constant condition takes.
  func branch(_ condition: Tensor?) throws -> Branch {
    guard let condition, condition.type == .bool, condition.shape.count == 1 else {
      throw OperatorError(
        "decides by a condition that depends on the picture, which is not supported; export the model with fixed extents, or "
          + "simplify it with onnx-simplifier")
    }
    return condition.view.elements(as: UInt8.self)[0] != 0 ? whenTrue : whenFalse
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    _ = try branch(inputs.required(0, "cond").constant)
    throw OperatorError("is replaced by one of its branches when the network is loaded")
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {}
}

/// An operator that is not supported, in a branch that may never be taken.
package struct Unsupported: Operator {
  package let name: String

  /// - Parameter name: what the file calls it.
  package init(_ name: String) { self.name = name }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    throw OperatorError("is not supported")
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {}
}
