import Tensors

/// Ones on a diagonal of a table as large as the input's, zeros elsewhere. ONNX EyeLike.
package struct EyeLike: Operator {
  package var kind: LayerKind { .shape }
  package var readsTypesOnly: Bool { true }
  /// Which diagonal: 0 for the main one, positive ones to its right.
  package var diagonal: Int
  /// The output's type; nil: the input's.
  package var type: ElementType?

  package init(diagonal: Int = 0, type: ElementType? = nil) { (self.diagonal, self.type) = (diagonal, type) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let input = try inputs.required(0, "input").type
    guard input.shape.rank == 2 else { throw OperatorError("needs a table of 2 axes, not \(input.shape)") }
    let element = type ?? input.element
    guard [.float32, .float64, .int32, .int64, .uint8, .int8, .bool].contains(element) else {
      throw OperatorError("an output of \(element) is not supported")
    }
    return [TensorType(element, input.shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let out = outputs[0]
    out.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: out.type.size * out.shape.count)
    let one = Tensor([1], [])
    let (rows, columns) = (out.shape[0], out.shape[1])
    withExtendedLifetime(one) {
      for row in 0..<rows {
        let (column, overflow) = row.addingReportingOverflow(diagonal)
        guard !overflow, (0..<columns).contains(column) else { continue }
        let place = out.pointer + (row * columns + column) * out.type.size
        convert(one.view, to: TensorView(out.type, [], place))
      }
    }
  }
}
