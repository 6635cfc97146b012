import Foundation
import Tensors

extension MaxPool: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let op = MaxPoolGradient(window: window)
    try scope.give(scope.add(op, [scope.gradient(), scope.input(0), scope.output()]), to: 0)
  }
}

extension AveragePool: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    // A window of one pixel: the input itself.
    if window.span == Spatial(1, 1), scope.shape(scope.input(0)) == scope.shape(scope.output()) {
      return try scope.give(scope.gradient(), to: 0)
    }
    let op = AveragePoolGradient(pool: self, shape: scope.shape(scope.input(0)))
    try scope.give(scope.add(op, [scope.gradient()]), to: 0)
  }
}

extension LpPool: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let op = LpPoolGradient(pool: self)
    try scope.give(scope.add(op, [scope.gradient(), scope.input(0), scope.output()]), to: 0)
  }
}

extension GlobalAveragePool: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let share = 1 / Float(shape.dimensions[2...].reduce(1, *))
    let mean = try scope.add(Mul(), [scope.gradient(), scope.number(share)])
    try scope.give(scope.builder.expand(mean, to: shape), to: 0)
  }
}

extension GlobalMaxPool: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let (x, shape) = (scope.input(0), scope.shape(scope.input(0)))
    // Any number of axes as one row.
    let row = Shape([shape[0], shape[1], shape.dimensions[2...].reduce(1, *)])
    let op = MaxPoolGradient(window: Window(kernel: Spatial(1, row[2])))
    let inputs = try [scope.gradient(), x, scope.output()].enumerated().map { index, value in
      try scope.builder.reshape(value, to: index == 1 ? row : [shape[0], shape[1], 1])
    }
    try scope.give(scope.builder.reshape(scope.add(op, inputs), to: shape), to: 0)
  }
}

/// Each window's gradient goes to its largest element, of equal ones to the first. Inputs: g, x, y = MaxPool(x); output: x's shape.
struct MaxPoolGradient: Operator {
  var window: Window
  /// Where there is one, a window with y outside its bounds passes nothing.
  var gate: Gate?

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try required(inputs, 1, "pooled value").type]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], let x = inputs[1], let y = inputs[2] else { return }
    let (gs, xs, ys, dx) = (g.reals, x.reals, y.reals, outputs[0].reals)
    dx.fill(0)
    window.forEachWindow(x.shape, y.shape) { place, taps, _ in
      if let gate, !gate.passes(ys[place]) { return }
      if let largest = taps.first(where: { xs[$0] == ys[place] }) { dx[largest] += gs[place] }
    }
  }
}

/// Each window's gradient in equal shares. Input: g; output: of `shape`.
struct AveragePoolGradient: Operator {
  var pool: AveragePool
  var shape: Shape

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0] else { return }
    let (gs, dx) = (g.reals, outputs[0].reals)
    dx.fill(0)
    pool.window.forEachWindow(shape, g.shape) { place, taps, padded in
      let share = gs[place] / Double(pool.countsPadding ? padded : taps.count)
      for tap in taps { dx[tap] += share }
    }
  }
}

/// y = (Σ |x|^p)^(1/p): dx = g (|x| / y)^(p-1) sign x. Inputs: g, x, y; output: x's shape.
struct LpPoolGradient: Operator {
  var pool: LpPool

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [try required(inputs, 1, "pooled value").type]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], let x = inputs[1], let y = inputs[2] else { return }
    let (gs, xs, ys, dx) = (g.reals, x.reals, y.reals, outputs[0].reals)
    dx.fill(0)
    pool.window.forEachWindow(x.shape, y.shape) { place, taps, _ in
      for tap in taps where xs[tap] != 0 {
        dx[tap] += gs[place] * pow(abs(xs[tap]) / ys[place], Double(pool.p - 1)) * (xs[tap] < 0 ? -1 : 1)
      }
    }
  }
}
