import Tensors

/// An operator that folds any number of tensors element by element, from the first to the last, under NumPy's
/// broadcasting.
protocol ElementwiseVariadic: ElementwiseBinary {}

extension ElementwiseVariadic {
  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool { inputs.count == 1 }

  /// The broadcast shape, of the inputs' common type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    guard !inputs.isEmpty else { throw OperatorError("has no input") }
    let present = try inputs.indices.map { try inputs.required($0, "\($0)") }
    return [try broadcastType(of: present, arithmeticTypes)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) { fold(inputs, outputs[0]) }

  func fold(_ inputs: [TensorView?], _ out: TensorView) {
    guard let first = inputs[0] else { return }
    guard inputs.count > 1 else { return copyAll(first, to: out) }
    var left = first
    for index in 1..<inputs.count {
      guard let right = inputs[index] else { continue }
      combineViews(left, right, out)
      left = out
    }
  }
}

/// The sum of all inputs. ONNX Sum.
package struct Sum: ElementwiseVariadic {
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a + b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a &+ b }
}

/// The arithmetic mean of all inputs. ONNX Mean.
package struct Mean: ElementwiseVariadic {
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a + b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a &+ b }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    fold(inputs, outputs[0])
    let (out, count) = (outputs[0], inputs.count)
    switch out.type {
    case .float32: out.elements(as: Float.self).update { $0 / Float(count) }
    case .float64: out.elements(as: Double.self).update { $0 / Double(count) }
    case .int32: out.elements(as: Int32.self).update { $0 / Int32(truncatingIfNeeded: count) }
    default: out.elements(as: Int64.self).update { $0 / Int64(count) }
    }
  }
}

/// The largest of all inputs; NaN where any is NaN. ONNX Max.
package struct Max: ElementwiseVariadic {
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a.isNaN || a > b ? a : b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a > b ? a : b }
}

/// The smallest of all inputs; NaN where any is NaN. ONNX Min.
package struct Min: ElementwiseVariadic {
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a.isNaN || a < b ? a : b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a < b ? a : b }
}

extension UnsafeMutableBufferPointer {
  /// Replaces each element by `rule` of it.
  @inline(__always)
  func update(_ rule: (Element) -> Element) {
    for i in indices { self[i] = rule(self[i]) }
  }
}
