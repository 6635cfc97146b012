import Tensors

/// An operator that combines two tensors element by element under NumPy's broadcasting.
/// out[i] = combine(a[i], b[i]); both of one type, which is the output's.
protocol ElementwiseBinary: Operator {
  /// The rule for float32 and float64.
  func combine<T: Real>(_ a: T, _ b: T) -> T
  /// The rule for int32 and int64; must not trap.
  func combine<T: FixedWidthInteger>(_ a: T, _ b: T) -> T
}

/// The element types that arithmetic is defined for.
let arithmeticTypes: [ElementType] = [.float32, .float64, .int32, .int64]

extension ElementwiseBinary {
  package var kind: LayerKind { .join }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }

  /// The broadcast shape, of the inputs' common type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    return [try broadcastType(of: [inputs.required(0, "A"), inputs.required(1, "B")], arithmeticTypes)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0], let b = inputs[1] else { return }
    combineViews(a, b, outputs[0])
  }

  /// out = a ∘ b; `out` may be `a` when their shapes agree.
  func combineViews(_ a: TensorView, _ b: TensorView, _ out: TensorView) {
    switch out.type {
    case .float32: combineBroadcast(a, b, out) { (x: Float, y: Float) in combine(x, y) }
    case .float64: combineBroadcast(a, b, out) { (x: Double, y: Double) in combine(x, y) }
    case .int32: combineBroadcast(a, b, out) { (x: Int32, y: Int32) in combine(x, y) }
    case .int64: combineBroadcast(a, b, out) { (x: Int64, y: Int64) in combine(x, y) }
    default: preconditionFailure("outputTypes admits no \(out.type)")
    }
  }
}

/// The common type of `inputs`, which must be among `types`, with their broadcast shape.
func broadcastType(of inputs: [OperatorInput], _ types: [ElementType]) throws -> TensorType {
  for (index, input) in inputs.enumerated() {
    try input.require(types, "\(index)")
    if input.type.element != inputs[0].type.element {
      throw OperatorError("inputs of different types, \(inputs[0].type.element) and \(input.type.element)")
    }
  }
  return TensorType(inputs[0].type.element, try broadcastShape(inputs.map(\.type.shape)))
}

/// out[i] = rule(a[i], b[i]) over broadcast inputs.
@inline(__always)
func combineBroadcast<A, B, T>(_ a: TensorView, _ b: TensorView, _ out: TensorView, _ rule: (A, B) -> T) {
  guard let left = a.elements(as: A.self).baseAddress, let right = b.elements(as: B.self).baseAddress,
    let result = out.elements(as: T.self).baseAddress
  else { return }
  let walk = StridedWalk(output: out.shape, a.shape, b.shape)
  let count = walk.rowCount
  let step = walk.rowSteps
  walk.forEachRow { at in
    let (x, y, z) = (left + at.b, right + at.c, result + at.a)
    switch (step.b, step.c) {
    case (1, 1): for i in 0..<count { z[i] = rule(x[i], y[i]) }
    case (1, 0): for i in 0..<count { z[i] = rule(x[i], y[0]) }
    default: for i in 0..<count { z[i] = rule(x[i &* step.b], y[i &* step.c]) }
    }
  }
}
