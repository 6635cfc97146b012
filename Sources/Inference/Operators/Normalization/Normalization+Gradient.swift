import Foundation
import Tensors

extension BatchNormalization: Differentiable {
  /// With k = scale / √(variance + ε): dx = k g, dscale = Σ g (x - mean) k / scale, dbias = Σ g, dmean = -k Σ g,
  /// dvariance = -k / (2 (variance + ε)) Σ g (x - mean)
  func addGradients(_ scope: inout GradientScope) throws {
    let (x, g) = (scope.input(0), scope.gradient())
    let channels = scope.shape(x)[1]
    let across = Shape([channels] + [Int](repeating: 1, count: scope.shape(x).rank - 2))
    let variance = try scope.add(Add(), [scope.input(4), scope.number(epsilon)])
    let deviation = try scope.add(Sqrt(), [variance])
    let factor = try scope.add(Div(), [scope.input(1), deviation])
    try scope.give(scope.add(Mul(), [g, scope.builder.reshape(factor, to: across)]), to: 0)
    guard [1, 2, 3, 4].contains(where: { scope.wants($0) }) else { return }
    let axes = (0..<scope.shape(x).rank).filter { $0 != 1 }
    let total = try scope.add(Reduce(.sum, axes: axes, keepsAxes: false), [g])
    try scope.give(total, to: 2)
    let centred = try scope.add(Sub(), [x, scope.builder.reshape(scope.input(3), to: across)])
    let moment = try scope.add(
      Reduce(.sum, axes: axes, keepsAxes: false), [scope.add(Mul(), [g, centred])])
    try scope.give(scope.add(Div(), [moment, deviation]), to: 1)
    try scope.give(scope.add(Neg(), [scope.add(Mul(), [total, factor])]), to: 3)
    let curvature = try scope.add(Div(), [scope.add(Mul(), [factor, scope.number(-0.5)]), variance])
    try scope.give(scope.add(Mul(), [moment, curvature]), to: 4)
  }
}

extension LayerNormalization: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let first = axis < 0 ? axis + shape.rank : axis
    let columns = shape.dimensions[first...].reduce(1, *)
    try scope.giveNormalized(columns: columns, epsilon: epsilon, scale: scope.input(1), bias: 2)
  }
}

extension InstanceNormalization: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let across = Shape([shape[1]] + [Int](repeating: 1, count: shape.rank - 2))
    let scale = try scope.builder.reshape(scope.input(1), to: across)
    try scope.giveNormalized(
      columns: shape.dimensions[2...].reduce(1, *), epsilon: epsilon, scale: scale, bias: 2)
  }
}

extension GroupNormalization: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let ones = [Int](repeating: 1, count: shape.rank - 2)
    var scale = scope.input(1)
    if hasGroupParameters {
      // One number for each group, repeated for its channels.
      let column = try scope.builder.reshape(scale, to: [groups, 1])
      scale = try scope.builder.expand(column, to: [groups, shape[1] / groups])
    }
    try scope.giveNormalized(
      columns: shape.dimensions[1...].reduce(1, *) / groups, epsilon: epsilon,
      scale: scope.builder.reshape(scale, to: Shape([shape[1]] + ones)), bias: 2,
      parameterShape: hasGroupParameters ? [groups, shape[1] / groups] : nil)
  }
}

extension GradientScope {
  /// y = x̂ · scale + bias, where x̂ is x with mean 0 and variance 1 over each `columns` neighbouring elements.
  fileprivate mutating func giveNormalized(
    columns: Int, epsilon: Float, scale: ValueID, bias: Int, parameterShape: Shape? = nil
  ) throws {
    let (x, g) = (input(0), gradient())
    if wants(0) {
      let scaled = try add(Mul(), [g, scale])
      try give(add(StandardizationGradient(columns: columns, epsilon: epsilon), [scaled, x]), to: 0)
    }
    if wants(1) {
      let standard = try add(Standardization(columns: columns, epsilon: epsilon), [x])
      try giveParameter(add(Mul(), [standard, g]), like: scale, parameterShape, to: 1)
    }
    if wants(bias) { try giveParameter(g, like: scale, parameterShape, to: bias) }
  }

  /// `all` summed to the shape in which the parameter was applied, then over a group's channels.
  private mutating func giveParameter(
    _ all: ValueID, like scale: ValueID, _ groups: Shape?, to input: Int
  ) throws {
    var sum = try builder.reduce(all, to: shape(scale))
    if let groups {
      sum = try add(Reduce(.sum, axes: [1], keepsAxes: false), [builder.reshape(sum, to: groups)])
    }
    try give(builder.reshape(sum, to: shape(self.input(input))), to: input)
  }
}

/// The mean of `columns` elements, and one over the root of their variance plus ε.
private func moments(_ xs: RealElements, _ row: Range<Int>, _ epsilon: Float) -> (mean: Double, factor: Double) {
  let count = Double(row.count)
  let mean = row.reduce(0.0) { $0 + xs[$1] } / count
  let variance = row.reduce(0.0) { $0 + (xs[$1] - mean) * (xs[$1] - mean) } / count
  return (mean, 1 / (variance + Double(epsilon)).squareRoot())
}

/// Each `columns` neighbouring elements to mean 0 and variance 1.
struct Standardization: Operator {
  var columns: Int
  var epsilon: Float

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0]?.reals, columns > 0 else { return }
    let y = outputs[0].reals
    for first in stride(from: 0, to: x.count, by: columns) {
      let (mean, factor) = moments(x, first..<first + columns, epsilon)
      for index in first..<first + columns { y[index] = (x[index] - mean) * factor }
    }
  }
}

/// The adjoint of `Standardization` at x: `(g - mean g - x̂ mean(g x̂)) / √(variance + ε)`. Inputs: g, x.
struct StandardizationGradient: Operator {
  var columns: Int
  var epsilon: Float

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0]?.reals, let x = inputs[1]?.reals, columns > 0 else { return }
    let dx = outputs[0].reals
    for first in stride(from: 0, to: x.count, by: columns) {
      let row = first..<first + columns
      let (mean, factor) = moments(x, row, epsilon)
      let gradient = row.reduce(0.0) { $0 + g[$1] } / Double(columns)
      let product = row.reduce(0.0) { $0 + g[$1] * (x[$1] - mean) * factor } / Double(columns)
      for index in row { dx[index] = factor * (g[index] - gradient - (x[index] - mean) * factor * product) }
    }
  }
}

extension LRN: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.add(LRNGradient(lrn: self), [scope.gradient(), scope.input(0)]), to: 0)
  }
}

/// With d = bias + α/size Σ x² over a window: `dx[c] = g[c] d[c]^-β - 2 α β / size · x[c] Σ g[k] x[k] d[k]^(-β-1)`, the sum over those
/// channels k whose window holds c. Inputs: g, x.
struct LRNGradient: Operator {
  var lrn: LRN

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0]?.reals, let x = inputs[1] else { return }
    let (xs, dx) = (x.reals, outputs[0].reals)
    let (channels, plane) = (x.shape[1], x.shape.dimensions[2...].reduce(1, *))
    let (before, after, beta) = ((lrn.size - 1) / 2, lrn.size / 2, Double(lrn.beta))
    let slope = Double(lrn.alpha) / Double(lrn.size)
    func divisor(_ index: Int, _ c: Int) -> Double {
      let window = max(0, c - before)...min(channels - 1, c + after)
      return Double(lrn.bias)
        + slope * window.reduce(0.0) { $0 + xs[index + ($1 - c) * plane] * xs[index + ($1 - c) * plane] }
    }
    for index in xs.indices {
      let c = index / plane % channels
      var shared = 0.0
      for k in max(0, c - after)...min(channels - 1, c + before) {
        let other = index + (k - c) * plane
        shared += g[other] * xs[other] * pow(divisor(other, k), -beta - 1)
      }
      dx[index] = g[index] * pow(divisor(index, c), -beta) - 2 * slope * beta * xs[index] * shared
    }
  }
}

extension Softmax: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.add(SoftmaxGradient(softmax: self), [scope.gradient(), scope.output()]), to: 0)
  }
}

/// Softmax: `dx = y (g - Σ g y)`; its logarithm: `dx = g - exp(y) Σ g`. Inputs: g, y.
struct SoftmaxGradient: Operator {
  var softmax: Softmax
  var name: String { "\(softmax.name)Gradient" }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0]?.reals, let y = inputs[1] else { return }
    let (ys, dx) = (y.reals, outputs[0].reals)
    let (outer, length, inner) = softmax.extents(y.shape)
    for lane in 0..<outer * inner {
      let first = lane / inner * length * inner + lane % inner
      let places = stride(from: first, to: first + length * inner, by: inner)
      let isLogarithmic = softmax.isLogarithmic
      let sum = places.reduce(0.0) { $0 + (isLogarithmic ? g[$1] : g[$1] * ys[$1]) }
      for place in places {
        dx[place] = isLogarithmic ? g[place] - exp(ys[place]) * sum : ys[place] * (g[place] - sum)
      }
    }
  }
}
