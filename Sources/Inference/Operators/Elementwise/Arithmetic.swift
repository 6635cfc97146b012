import Tensors

/// A single number is part of a formula, not learned.
private func isTable(_ shape: Shape) -> Bool { shape.count > 1 }

/// Addition. ONNX Add.
package struct Add: ElementwiseBinary {
  package func learns(_ input: Int, _ shape: Shape) -> Bool { isTable(shape) }
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a + b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a &+ b }
}

/// Subtraction. ONNX Sub.
package struct Sub: ElementwiseBinary {
  package func learns(_ input: Int, _ shape: Shape) -> Bool { isTable(shape) }
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a - b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a &- b }
}

/// Multiplication. ONNX Mul.
package struct Mul: ElementwiseBinary {
  package func learns(_ input: Int, _ shape: Shape) -> Bool { isTable(shape) }
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a * b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a &* b }
}

/// Division; of integers, towards zero, and by 0 the dividend. ONNX Div.
package struct Div: ElementwiseBinary {
  package func learns(_ input: Int, _ shape: Shape) -> Bool { isTable(shape) }
  package init() {}
  func combine<T: Real>(_ a: T, _ b: T) -> T { a / b }
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a.dividedReportingOverflow(by: b).partialValue }
}

/// The remainder of division, with the sign of the divisor or, with `fmod`, of the dividend. ONNX Mod.
package struct Mod: ElementwiseBinary {
  /// True: the sign of the dividend, as C's fmod.
  package var fmod: Bool

  package init(fmod: Bool = false) { self.fmod = fmod }

  func combine<T: Real>(_ a: T, _ b: T) -> T {
    let r = T.remainder(a, b)
    return fmod || r == 0 || (r < 0) == (b < 0) ? r : r + b
  }

  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    if b == 0 { return 0 }
    let r = a.remainderReportingOverflow(dividingBy: b).overflow ? 0 : a % b
    return fmod || r == 0 || (r < 0) == (b < 0) ? r : r &+ b
  }
}
