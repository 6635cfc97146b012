import Tensors

/// An operator that compares two tensors element by element under NumPy's broadcasting and answers bool.
protocol ElementwiseComparison: Operator {
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool
}

extension ElementwiseComparison {
  /// The broadcast shape, bool.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let sides = [try inputs.required(0, "A"), try inputs.required(1, "B")]
    return [TensorType(.bool, try broadcastType(of: sides, arithmeticTypes + [.bool, .uint8]).shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0], let b = inputs[1] else { return }
    let out = outputs[0]
    switch a.type {
    case .float32: combineBroadcast(a, b, out) { (x: Float, y: Float) in holds(x, y) }
    case .float64: combineBroadcast(a, b, out) { (x: Double, y: Double) in holds(x, y) }
    case .int32: combineBroadcast(a, b, out) { (x: Int32, y: Int32) in holds(x, y) }
    case .int64: combineBroadcast(a, b, out) { (x: Int64, y: Int64) in holds(x, y) }
    default: combineBroadcast(a, b, out) { (x: UInt8, y: UInt8) in holds(x, y) }
    }
  }
}

/// a = b. ONNX Equal.
package struct Equal: ElementwiseComparison {
  package init() {}
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == b }
}

/// a > b. ONNX Greater.
package struct Greater: ElementwiseComparison {
  package init() {}
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a > b }
}

/// a < b. ONNX Less.
package struct Less: ElementwiseComparison {
  package init() {}
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b }
}

/// a ≥ b. ONNX GreaterOrEqual.
package struct GreaterOrEqual: ElementwiseComparison {
  package init() {}
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a >= b }
}

/// a ≤ b. ONNX LessOrEqual.
package struct LessOrEqual: ElementwiseComparison {
  package init() {}
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a <= b }
}
