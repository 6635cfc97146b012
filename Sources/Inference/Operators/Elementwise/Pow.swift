import Foundation
import Tensors

/// a to the power b, of a's type; the two may differ in type. ONNX Pow.
package struct Pow: Operator {
  package init() {}

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }

  /// The broadcast shape, of the base's type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let (base, exponent) = (try inputs.required(0, "X"), try inputs.required(1, "Y"))
    try base.require(arithmeticTypes, "X")
    try exponent.require(arithmeticTypes, "Y")
    return [TensorType(base.type.element, try broadcastShape([base.type.shape, exponent.type.shape]))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0], let b = inputs[1] else { return }
    let out = outputs[0]
    switch out.type {
    case .float32: raise(a, b, out) { (x: Float, y: Double) in Self.power(x, y) }
    case .float64: raise(a, b, out) { (x: Double, y: Double) in pow(x, y) }
    case .int32: raise(a, b, out) { (x: Int32, y: Double) in Int32(saturating: pow(Double(x), y)) }
    case .int64: raise(a, b, out) { (x: Int64, y: Double) in Int64(saturating: pow(Double(x), y)) }
    default: preconditionFailure("outputTypes admits no \(out.type)")
    }
  }

  @inline(__always)
  private static func power(_ x: Float, _ y: Double) -> Float {
    switch y {
    case 2: x * x
    case 3: x * x * x
    case 0.5: x < 0 ? .nan : x.squareRoot()
    default: powf(x, Float(y))
    }
  }

  @inline(__always)
  private func raise<A>(_ a: TensorView, _ b: TensorView, _ out: TensorView, _ rule: (A, Double) -> A) {
    switch b.type {
    case .float32: combineBroadcast(a, b, out) { (x: A, y: Float) in rule(x, Double(y)) }
    case .float64: combineBroadcast(a, b, out) { (x: A, y: Double) in rule(x, y) }
    case .int32: combineBroadcast(a, b, out) { (x: A, y: Int32) in rule(x, Double(y)) }
    default: combineBroadcast(a, b, out) { (x: A, y: Int64) in rule(x, Double(y)) }
    }
  }
}

extension FixedWidthInteger {
  /// `x` towards zero, the nearest representable number when it lies outside, 0 for NaN.
  init(saturating x: Double) {
    if x.isNaN {
      self = 0
    } else if x <= Double(Self.min) {
      self = Self.min
    } else if x >= Double(Self.max) {
      self = Self.max
    } else {
      self = Self(x)
    }
  }
}
