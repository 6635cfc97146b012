import Tensors

/// Sums from the beginning of an axis up to each element, or from its end. ONNX CumSum.
///
/// Inputs: x; the axis, a constant. Output: x's type.
package struct CumSum: Operator {
  /// True: an element is not part of its own sum.
  package var isExclusive: Bool
  /// True: from the end.
  package var isReverse: Bool

  package init(isExclusive: Bool = false, isReverse: Bool = false) {
    (self.isExclusive, self.isReverse) = (isExclusive, isReverse)
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let x = try inputs.required(0, "x")
    try x.require(arithmeticTypes, "x")
    guard let axis = try inputs.integers(1, "axis"), axis.count == 1 else {
      throw OperatorError("axis must be one number")
    }
    _ = try normalizedAxis(axis[0], rank: x.type.shape.rank)
    return [x.type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let given = inputs[1]?.integer(0) else { return }
    let axis = given < 0 ? given + x.shape.rank : given
    switch x.type {
    case .float32:
      accumulate(x, outputs[0], axis, Float.self, zero: 0.0) {
        $0 + Double($1)
      } as: {
        Float($0)
      }
    case .float64:
      accumulate(x, outputs[0], axis, Double.self, zero: 0.0) {
        $0 + $1
      } as: {
        $0
      }
    case .int32:
      accumulate(x, outputs[0], axis, Int32.self, zero: Int32(0)) {
        $0 &+ $1
      } as: {
        $0
      }
    default:
      accumulate(x, outputs[0], axis, Int64.self, zero: Int64(0)) {
        $0 &+ $1
      } as: {
        $0
      }
    }
  }

  private func accumulate<T, S>(
    _ x: TensorView, _ out: TensorView, _ axis: Int, _: T.Type, zero: S, _ add: (S, T) -> S, as rounded: (S) -> T
  ) {
    guard x.shape.count > 0 else { return }
    let (from, to) = (x.elements(as: T.self), out.elements(as: T.self))
    let (length, inner) = (x.shape[axis], x.shape.dimensions[(axis + 1)...].reduce(1, *))
    for lane in 0..<x.shape.count / length {
      let first = lane / inner * length * inner + lane % inner
      var sum = zero
      for step in 0..<length {
        let place = first + (isReverse ? length - 1 - step : step) * inner
        let next = add(sum, from[place])
        to[place] = rounded(isExclusive ? sum : next)
        sum = next
      }
    }
  }
}

extension CumSum: Differentiable {
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  /// Each element is part of the sums behind it: the gradients are summed the other way round.
  func addGradients(_ scope: inout GradientScope) throws {
    let adjoint = CumSum(isExclusive: isExclusive, isReverse: !isReverse)
    try scope.give(scope.add(adjoint, [scope.gradient(), scope.input(1)]), to: 0)
  }
}
