import Tensors

/// The type and extents of a value.
package struct TensorType: Hashable, Sendable, CustomStringConvertible {
  package var element: ElementType
  package var shape: Shape

  package init(_ element: ElementType, _ shape: Shape) {
    (self.element, self.shape) = (element, shape)
  }

  /// As in `float32 1x64x56x56`.
  package var description: String { "\(element) \(shape)" }
}

/// What is known of an operator's input when its output is inferred: its type, and its elements when they are constant.
package struct OperatorInput: Sendable {
  package var type: TensorType
  /// The elements, when they do not depend on the network's input.
  package var constant: Tensor?

  package init(_ type: TensorType, constant: Tensor? = nil) {
    (self.type, self.constant) = (type, constant)
  }
}

/// Why an operator cannot be used as the model asks: a sentence without the node's name, which the graph adds.
package struct OperatorError: Error, CustomStringConvertible, Sendable {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// One ONNX operator in its newest form, with its attributes as fields.
///
/// The importer rewrites what older opsets wrote differently: attributes that became inputs, other rules for axes. `forward` is the
/// scalar reference: row-major and exact, without regard to speed. Operators whose time matters are `Lowerable` to kernels, which are
/// tested against it.
package protocol Operator: LayerFacts, PositionFacts, Sendable {
  /// What ONNX calls it (op_type), as in "Conv": the name of the type, unless the operator says otherwise.
  var name: String { get }

  /// The allowed max |difference| / rms between a kernel or a peer and `forward`.
  var tolerance: Float { get }

  /// The types of the outputs. Throws `OperatorError` for inputs that the operator cannot take.
  /// Every check of ranks, extents, axes and element types is made here, so that `forward` cannot fail or read
  /// outside its inputs.
  /// - Parameter inputs: one entry per input; nil for an optional input that is absent.
  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType]

  /// Computes the outputs. The views have the types given to and returned by `outputTypes`.
  func forward(_ inputs: [TensorView?], _ outputs: [TensorView])
}

extension Operator {
  package var name: String { "\(Self.self)" }

  /// What float32 accumulation in another order may cost.
  package var tolerance: Float { 1e-5 }
}
