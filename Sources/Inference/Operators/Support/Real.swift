import Foundation

/// The floating-point types that element-wise operators compute in.
protocol Real: BinaryFloatingPoint {
  /// e to the power `x`.
  static func exponential(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func sine(_ x: Self) -> Self
  static func cosine(_ x: Self) -> Self
  /// The remainder of `x / y` with the sign of `x`, as C's fmod.
  static func remainder(_ x: Self, _ y: Self) -> Self
}

extension Float: Real {
  static func exponential(_ x: Float) -> Float { expf(x) }
  static func logarithm(_ x: Float) -> Float { logf(x) }
  static func sine(_ x: Float) -> Float { sinf(x) }
  static func cosine(_ x: Float) -> Float { cosf(x) }
  static func remainder(_ x: Float, _ y: Float) -> Float { fmodf(x, y) }
}

extension Double: Real {
  static func exponential(_ x: Double) -> Double { exp(x) }
  static func logarithm(_ x: Double) -> Double { log(x) }
  static func sine(_ x: Double) -> Double { sin(x) }
  static func cosine(_ x: Double) -> Double { cos(x) }
  static func remainder(_ x: Double, _ y: Double) -> Double { fmod(x, y) }
}
