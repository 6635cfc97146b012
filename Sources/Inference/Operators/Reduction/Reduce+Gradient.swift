import Foundation
import Tensors

extension Reduce: Differentiable {
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let kept = try keptShape(scope, shape)
    let g = try scope.builder.reshape(scope.gradient(), to: kept)
    let count = shape.count / max(kept.count, 1)
    switch reduction {
    case .sum: try scope.give(scope.builder.expand(g, to: shape), to: 0)
    case .mean:
      let share = try scope.add(Mul(), [g, scope.number(1 / Float(max(count, 1)))])
      try scope.give(scope.builder.expand(share, to: shape), to: 0)
    default:
      let y = try scope.builder.reshape(scope.output(), to: kept)
      try scope.give(scope.add(ReduceGradient(reduction: reduction), [g, scope.input(0), y]), to: 0)
    }
  }

  /// The output's shape with every reduced axis at 1.
  private func keptShape(_ scope: GradientScope, _ shape: Shape) throws -> Shape {
    guard !keepsAxes else { return scope.shape(scope.output()) }
    let given = try axes ?? scope.constant(1)?.integers("axes") ?? []
    guard !(given.isEmpty && doesNothingWithoutAxes) else { return shape }
    let reduced = given.isEmpty ? Array(0..<shape.rank) : given.map { $0 < 0 ? $0 + shape.rank : $0 }
    return Shape((0..<shape.rank).map { reduced.contains($0) ? 1 : shape[$0] })
  }
}

/// The adjoint of a reduction at x. Inputs: g and y with reduced axes of extent 1, x between them; output: x's shape.
struct ReduceGradient: Operator {
  var reduction: Reduction
  var name: String { "\(reduction.rawValue)Gradient" }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try required(inputs, 1, "reduced value").type]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], let x = inputs[1], let y = inputs[2] else { return }
    let walk = StridedWalk(output: x.shape, y.shape)
    let (gs, xs, ys, dx) = (g.reals, x.reals, y.reals, outputs[0].reals)
    func forEach(_ body: (_ element: Int, _ result: Int) -> Void) {
      let (count, step) = (walk.rowCount, walk.rowSteps)
      walk.forEachRow { at in
        for i in 0..<count { body(at.a + i * step.a, at.b + i * step.b) }
      }
    }
    guard reduction == .maximum || reduction == .minimum || reduction == .product else {
      return forEach { dx[$0] = gs[$1] * slope(xs[$0], ys[$1]) }
    }
    forEach { element, result in
      // What the other elements of the same result are: how many equal it, and their product.
      var (equals, others) = (0.0, 1.0)
      forEach {
        if $1 == result {
          (equals, others) = (equals + (xs[$0] == ys[result] ? 1 : 0), others * ($0 == element ? 1 : xs[$0]))
        }
      }
      let slope = reduction == .product ? others : xs[element] == ys[result] ? 1 / equals : 0
      dx[element] = gs[result] * slope
    }
  }

  private func slope(_ x: Double, _ y: Double) -> Double {
    switch reduction {
    case .l1: x > 0 ? 1 : x < 0 ? -1 : 0
    case .l2: y == 0 ? 0 : x / y
    case .sumSquare: 2 * x
    case .logSum: exp(-y)
    default: 1
    }
  }
}

extension TopKOperator: Differentiable {
  var relevance: RelevanceRule { .routed }

  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    guard scope.outputGradients[0] != nil else { return }
    let shape = scope.shape(scope.input(0))
    let places: ValueID
    if scope.node.outputs.count > 1, let known = scope.node.outputs[1] {
      places = known
    } else {
      places = try scope.builder.add(self, [scope.input(0), scope.input(1)], outputs: 2)[1]
    }
    let op = ScatterElements(axis: axis < 0 ? axis + shape.rank : axis, shape: shape)
    try scope.give(scope.add(op, [scope.gradient(), places]), to: 0)
  }
}

/// The adjoint of GatherElements: `out[i, places[i, j, k], k] += g[i, j, k]` for axis 1, likewise for others, from zeros.
struct ScatterElements: Operator {
  var axis: Int
  var shape: Shape

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], let places = inputs[1] else { return }
    let (gs, out) = (g.reals, outputs[0].reals)
    let strides = AxisList(stridesOf: shape)
    out.fill(0)
    for position in 0..<gs.count {
      var (rest, offset) = (position, 0)
      for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
        let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: g.shape.dimensions[axis])
        if axis != self.axis { offset += coordinate * strides[axis] }
        rest = quotient
      }
      let extent = shape.dimensions[axis]
      let place = places.integer(position)
      offset += min(max(place < 0 ? place + extent : place, 0), extent - 1) * strides[axis]
      out[offset] += gs[position]
    }
  }
}
