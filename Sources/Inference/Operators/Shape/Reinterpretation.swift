import Tensors

/// An operator whose first output has exactly the bytes of its first input under another shape: a plan may let the
/// two share memory.
package protocol Reinterpretation: Operator {}

extension Reinterpretation {
  package var kind: LayerKind { .shape }
  package var keepsElements: Bool { true }
  package var rearrangesPositions: Bool { true }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    copyAll(x, to: outputs[0])
  }
}

/// The input itself. ONNX Identity.
package struct Identity: Reinterpretation {
  package var rearrangesPositions: Bool { false }
  package var isChannelwise: Bool { true }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try inputs.required(0, "input").type]
  }
}

/// Dropout at inference: the input itself. ONNX Dropout.
package struct Dropout: Reinterpretation {
  package var rearrangesPositions: Bool { false }
  package var isChannelwise: Bool { true }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let input = try inputs.required(0, "data").type
    if let training = try inputs.optional(2, "training_mode") {
      guard let constant = training.constant, constant.type == .bool, constant.shape.count == 1 else {
        throw OperatorError("training_mode must be a constant")
      }
      if constant.view.elements(as: UInt8.self)[0] != 0 {
        throw OperatorError("training_mode is true; export the model for inference")
      }
    }
    return [input]
  }
}
