import Tensors

/// The square root; NaN of negative numbers. ONNX Sqrt.
package struct Sqrt: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { x < 0 ? .nan : x.squareRoot() }
}

/// e to the power x. ONNX Exp.
package struct Exp: ElementwiseUnary {
  package init() {}
  package var onlyRescales: Bool { true }
  func map<T: Real>(_ x: T) -> T { T.exponential(x) }
}

/// The natural logarithm. ONNX Log.
package struct Log: ElementwiseUnary {
  package init() {}
  package var onlyRescales: Bool { true }
  func map<T: Real>(_ x: T) -> T { T.logarithm(x) }
}

/// The sine of an angle in radians. ONNX Sin.
package struct Sin: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { T.sine(x) }
}

/// The cosine of an angle in radians. ONNX Cos.
package struct Cos: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { T.cosine(x) }
}

/// The negative. ONNX Neg.
package struct Neg: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { -x }
  static let takesIntegers = true
  func map<T: FixedWidthInteger>(_ x: T) -> T { 0 &- x }
}

/// The magnitude. ONNX Abs.
package struct Abs: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.magnitude }
  static let takesIntegers = true
  func map<T: FixedWidthInteger>(_ x: T) -> T { x < 0 ? 0 &- x : x }
}

/// 1 / x. ONNX Reciprocal.
package struct Reciprocal: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { 1 / x }
}

/// The largest whole number not above x. ONNX Floor.
package struct Floor: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.down) }
}

/// The smallest whole number not below x. ONNX Ceil.
package struct Ceil: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.up) }
}

/// The nearest whole number, halves to even. ONNX Round.
package struct Round: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.toNearestOrEven) }
}

/// -1, 0 or 1; 0 of NaN. ONNX Sign.
package struct Sign: ElementwiseUnary {
  package init() {}
  func map<T: Real>(_ x: T) -> T { x > 0 ? 1 : x < 0 ? -1 : 0 }
  static let takesIntegers = true
  func map<T: FixedWidthInteger>(_ x: T) -> T { x.signum() }
}
