import Inference
import Tensors

/// What an importer makes of a node.
enum Imported {
  /// A node with this operator, reading the context's inputs.
  case op(any Operator)
  /// No node: its first output is this constant.
  case constant(Tensor)
}

/// How nodes of one op_type are imported.
struct ImporterEntry: Sendable {
  /// Makes the operator, or throws `OperatorError`.
  let make: @Sendable (ImportContext) throws -> Imported
  /// How many outputs are supported; a node that uses more of them is refused.
  let outputs: Int

  init(outputs: Int = 1, _ make: @escaping @Sendable (ImportContext) throws -> any Operator) {
    (self.make, self.outputs) = ({ .op(try make($0)) }, outputs)
  }

  init(constant: @escaping @Sendable (ImportContext) throws -> Tensor) {
    (make, outputs) = ({ .constant(try constant($0)) }, 1)
  }
}

/// Every op_type that can be imported. Families keep their lines in their own files; each op_type occurs once.
enum ImporterTable {
  /// By op_type; operators outside ONNX's own domain as "domain.op_type".
  static let entries: [String: ImporterEntry] = families.reduce(into: [:]) { table, family in
    table.merge(family) { _, _ in preconditionFailure("an op_type occurs twice in the importer table") }
  }

  private static let families: [[String: ImporterEntry]] = [
    convolutions, pooling, normalizations, activations, constants, elementwise, shapes, reductions, matrices, resizing,
    integers, quantized,
  ]
}

extension ImporterTable {
  /// An operator with this many inputs, of which the first `inputs.lowerBound` must be there.
  static func entry(
    _ inputs: ClosedRange<Int>, outputs: Int = 1,
    _ make: @escaping @Sendable (ImportContext) throws -> any Operator
  ) -> ImporterEntry {
    ImporterEntry(outputs: outputs) { context in
      try context.expectInputs(inputs)
      return try make(context)
    }
  }

  /// An attribute that has no default.
  static func required<T>(_ value: T?, _ name: String) throws -> T {
    guard let value else { throw OperatorError("lacks the attribute '\(name)'") }
    return value
  }
}
