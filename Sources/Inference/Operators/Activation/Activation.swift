import Tensors

/// A function of one number, applied to each element of a float32 tensor; the output has the input's shape.
package protocol Activation: Operator {
  var name: String { get }

  /// The function of one element, in double precision.
  func value(at x: Double) -> Double
}

extension Activation {
  package var kind: LayerKind { .activation }
  package var isChannelwise: Bool { true }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try floatType(of: inputs)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0]?.reals else { return }
    let y = outputs[0].reals
    for index in x.indices { y[index] = value(at: x[index]) }
  }
}

/// The type of the first input. Throws `OperatorError` unless it is there and of float32.
func floatType(of inputs: [OperatorInput?]) throws -> TensorType {
  let type = try required(inputs, 0, "input").type
  guard type.element == .float32 else { throw OperatorError("needs an input of float32, not \(type.element)") }
  return type
}
