import Tensors

/// An operator that maps each element by itself. out[i] = map(x[i])
protocol ElementwiseUnary: Operator {
  /// The rule for float32 and float64.
  func map<T: Real>(_ x: T) -> T
  /// The rule for int32 and int64, for operators that take them; must not trap.
  func map<T: FixedWidthInteger>(_ x: T) -> T
  /// True when the operator takes int32 and int64.
  static var takesIntegers: Bool { get }
}

extension ElementwiseUnary {
  static var takesIntegers: Bool { false }
  func map<T: FixedWidthInteger>(_ x: T) -> T { x }

  package var isChannelwise: Bool { true }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let input = try inputs.required(0, "X")
    try input.require(Self.takesIntegers ? arithmeticTypes : [.float32, .float64], "X")
    return [input.type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    switch x.type {
    case .float32: mapElements(x, outputs[0]) { (e: Float) in map(e) }
    case .float64: mapElements(x, outputs[0]) { (e: Double) in map(e) }
    case .int32: mapElements(x, outputs[0]) { (e: Int32) in map(e) }
    case .int64: mapElements(x, outputs[0]) { (e: Int64) in map(e) }
    default: preconditionFailure("outputTypes admits no \(x.type)")
    }
  }
}

/// out[i] = rule(x[i])
@inline(__always)
func mapElements<A, B>(_ x: TensorView, _ out: TensorView, _ rule: (A) -> B) {
  let (from, to) = (x.elements(as: A.self), out.elements(as: B.self))
  for i in 0..<to.count { to[i] = rule(from[i]) }
}
