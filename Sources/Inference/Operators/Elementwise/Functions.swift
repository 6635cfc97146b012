import Tensors

/// The square root; NaN of negative numbers. ONNX Sqrt.
package struct Sqrt: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Sqrt"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { x < 0 ? .nan : x.squareRoot() }
}

/// e to the power x. ONNX Exp.
package struct Exp: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Exp"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { T.exponential(x) }
}

/// The natural logarithm. ONNX Log.
package struct Log: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Log"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { T.logarithm(x) }
}

/// The negative. ONNX Neg.
package struct Neg: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Neg"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { -x }
  static let takesIntegers = true
  func map<T: FixedWidthInteger>(_ x: T) -> T { 0 &- x }
}

/// The magnitude. ONNX Abs.
package struct Abs: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Abs"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.magnitude }
  static let takesIntegers = true
  func map<T: FixedWidthInteger>(_ x: T) -> T { x < 0 ? 0 &- x : x }
}

/// 1 / x. ONNX Reciprocal.
package struct Reciprocal: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Reciprocal"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { 1 / x }
}

/// The largest whole number not above x. ONNX Floor.
package struct Floor: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Floor"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.down) }
}

/// The smallest whole number not below x. ONNX Ceil.
package struct Ceil: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Ceil"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.up) }
}

/// The nearest whole number, halves to even. ONNX Round.
package struct Round: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Round"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.toNearestOrEven) }
}

/// -1, 0 or 1; 0 of NaN. ONNX Sign.
package struct Sign: ElementwiseUnary {
  /// The ONNX op_type.
  package let name = "Sign"
  /// The operator; it has no attributes.
  package init() {}
  func map<T: Real>(_ x: T) -> T { x > 0 ? 1 : x < 0 ? -1 : 0 }
  static let takesIntegers = true
  func map<T: FixedWidthInteger>(_ x: T) -> T { x.signum() }
}
