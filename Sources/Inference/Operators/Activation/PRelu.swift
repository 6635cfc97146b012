import Tensors

/// ONNX PRelu (He et al. 2015): x, and `slope * x` below zero.
///
/// Inputs: x of any shape; slope, broadcast to x from the last axis. Output: x's shape.
package struct PRelu: Operator {
  package init() {}
  package var kind: LayerKind { .activation }

  package func learns(_ input: Int, _ shape: Shape) -> Bool { input == 1 }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .elementwise(constants: constants) }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    let slope = try required(inputs, 1, "slope").type
    guard slope.element == .float32, slope.shape.broadcasts(to: type.shape) else {
      throw OperatorError("has a slope of \(slope), which does not broadcast to \(type.shape)")
    }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let slope = inputs[1] else { return }
    let (xs, ss, ys) = (x.reals, slope.reals, outputs[0].reals)
    let steps = slope.shape.broadcastStrides(to: x.shape)
    for index in xs.indices {
      let alpha = ss[x.shape.offset(of: index, steps: steps)]
      ys[index] = xs[index] < 0 ? alpha * xs[index] : xs[index]
    }
  }
}

extension Shape {
  /// True when this shape broadcasts to exactly `other` by NumPy's rule.
  func broadcasts(to other: Shape) -> Bool {
    rank <= other.rank
      && zip(dimensions.reversed(), other.dimensions.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
  }

  /// For each axis of `other`, the step in elements through this shape; 0 along broadcast axes.
  func broadcastStrides(to other: Shape) -> [Int] {
    let own = zip(strides, dimensions).map { $1 == 1 ? 0 : $0 }
    return [Int](repeating: 0, count: other.rank - rank) + own
  }

  /// The sum of `steps` times the coordinates of the row-major element number `index` of this shape.
  func offset(of index: Int, steps: [Int]) -> Int {
    var (rest, offset) = (index, 0)
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: dimensions[axis])
      offset += coordinate * steps[axis]
      rest = quotient
    }
    return offset
  }
}
