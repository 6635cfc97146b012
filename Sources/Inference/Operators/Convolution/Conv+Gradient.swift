import Tensors

extension Conv: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    if scope.wants(0) { try scope.give(dataGradient(scope), to: 0) }
    if scope.wants(1) {
      let op = ConvWeightGradient(conv: explicit(scope), shape: scope.shape(scope.input(1)))
      try scope.give(scope.add(op, [scope.input(0), scope.gradient()]), to: 1)
    }
    if scope.wants(2) {
      let axes = [0] + Array(2..<scope.shape(scope.output()).rank)
      try scope.give(scope.add(Reduce(.sum, axes: axes, keepsAxes: false), [scope.gradient()]), to: 2)
    }
  }

  /// The same with its padding in numbers.
  private func explicit(_ scope: GradientScope) -> Conv {
    var conv = self
    conv.padding = .explicit(pads(scope))
    return conv
  }

  private func pads(_ scope: GradientScope) -> Pads {
    resolvedPads(
      input: Planar(scope.shape(scope.input(0))).spatial, kernel: Planar(scope.shape(scope.input(1))).spatial)
  }

  /// The adjoint with respect to the input: at stride 1 a convolution by the kernel turned by half a turn, its input and output
  /// channels exchanged, at others one such convolution for each phase, else a transposed convolution by the kernel as it is.
  private func dataGradient(_ scope: GradientScope) throws -> ValueID {
    let (x, w, pads) = (scope.input(0), scope.input(1), pads(scope))
    let kernel = Planar(scope.shape(w)).spatial
    if strides == Spatial(1, 1), let weights = scope.constant(1), let padding = turnedPads(pads, kernel) {
      let turned = scope.builder.derived(from: weights, "turned \(groups)") { turnedWeights($0, groups: groups) }
      let conv = Conv(dilations: dilations, padding: .explicit(padding), groups: groups)
      return try scope.add(conv, [scope.gradient(), turned])
    }
    if strides != Spatial(1, 1), let phases = try phaseGradient(scope, pads) { return phases }
    let span = window(kernel: kernel).span
    let (input, output) = (Planar(scope.shape(x)).spatial, Planar(scope.shape(scope.output())).spatial)
    let rest = Spatial(
      input.height - ((output.height - 1) * strides.height + span.height - pads.top - pads.bottom),
      input.width - ((output.width - 1) * strides.width + span.width - pads.left - pads.right))
    let op = ConvTranspose(
      strides: strides, dilations: dilations, padding: .explicit(pads), outputPadding: rest, groups: groups)
    return try scope.add(op, [scope.gradient(), w])
  }

  /// What is added around the gradient; nil where something would have to be cut off.
  private func turnedPads(_ pads: Pads, _ kernel: Spatial) -> Pads? {
    let span = window(kernel: kernel).span
    let turned = Pads(
      top: span.height - 1 - pads.top, left: span.width - 1 - pads.left, bottom: span.height - 1 - pads.bottom,
      right: span.width - 1 - pads.right)
    return min(turned.top, turned.left, turned.bottom, turned.right) >= 0 ? turned : nil
  }
}

/// Weights [M, C/groups, kH, kW] as [C, M/groups, kH, kW], rows and columns in reverse order.
func turnedWeights(_ weights: Tensor, groups: Int) -> Tensor {
  let (outputs, inputs) = (weights.shape[0] / groups, weights.shape[1])
  var shape = weights.shape
  (shape[0], shape[1]) = (inputs * groups, outputs)
  let taps = shape.dimensions[2...].reduce(1, *)
  let turned = Tensor(.float32, shape)
  let (from, to) = (weights.view.floats, turned.view.floats)
  for group in 0..<groups {
    for m in 0..<outputs {
      for c in 0..<inputs {
        let source = ((group * outputs + m) * inputs + c) * taps
        let target = ((group * inputs + c) * outputs + m) * taps
        for tap in 0..<taps { to[target + taps - 1 - tap] = from[source + tap] }
      }
    }
  }
  return turned
}

extension ConvTranspose: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let (x, w) = (scope.input(0), scope.input(1))
    let pads = resolvedPads(input: Planar(scope.shape(x)).spatial, kernel: Planar(scope.shape(w)).spatial)
    let conv = Conv(strides: strides, dilations: dilations, padding: .explicit(pads), groups: groups)
    if scope.wants(0) {
      // Rows and columns of zeros that only output_padding added may give windows of their own, which no input has.
      let all = try scope.add(conv, [scope.gradient(), w])
      let (extents, wanted) = (scope.shape(all), scope.shape(x))
      let cut = [Int](repeating: 0, count: wanted.rank) + (0..<wanted.rank).map { wanted[$0] - extents[$0] }
      try scope.give(cut.allSatisfy { $0 == 0 } ? all : scope.add(Pad(pads: cut), [all]), to: 0)
    }
    if scope.wants(1) {
      let op = ConvWeightGradient(conv: conv, shape: scope.shape(w))
      try scope.give(scope.add(op, [scope.gradient(), x]), to: 1)
    }
    if scope.wants(2) {
      let axes = [0] + Array(2..<scope.shape(scope.output()).rank)
      try scope.give(scope.add(Reduce(.sum, axes: axes, keepsAxes: false), [scope.gradient()]), to: 2)
    }
  }
}

/// `dw[m, c, i, j] = Σ g[n, m, p, q] x[n, c, p*sh + i*dh - top, q*sw + j*dw - left]`. Inputs: x [N, C, H, W] and g [N, M, P, Q];
/// output [M, C/groups, kH, kW].
struct ConvWeightGradient: Operator {
  var conv: Conv
  var shape: Shape
  var tolerance: Float { 3e-5 }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let g = inputs[1] else { return }
    let (kernel, perGroup) = (Planar(shape), shape[0] / conv.groups)
    let (xs, gs, ws) = (x.reals, g.reals, outputs[0].reals)
    var next = 0
    for m in 0..<kernel.batch {
      for c in 0..<kernel.channels {
        let channel = m / perGroup * kernel.channels + c
        for i in 0..<kernel.spatial.height {
          for j in 0..<kernel.spatial.width {
            ws[next] = sum(xs, Planar(x.shape), channel, gs, Planar(g.shape), m, Spatial(i, j))
            next += 1
          }
        }
      }
    }
  }

  private func sum(
    _ xs: RealElements, _ x: Planar, _ c: Int, _ gs: RealElements, _ g: Planar, _ m: Int, _ tap: Spatial
  ) -> Double {
    let pads = conv.resolvedPads(input: x.spatial, kernel: Planar(shape).spatial)
    let (top, left) = (
      tap.height * conv.dilations.height - pads.top, tap.width * conv.dilations.width - pads.left
    )
    var sum = 0.0
    for n in 0..<x.batch {
      for p in 0..<g.spatial.height {
        let row = p * conv.strides.height + top
        guard (0..<x.spatial.height).contains(row) else { continue }
        let from = ((n * x.channels + c) * x.spatial.height + row) * x.spatial.width
        let with = ((n * g.channels + m) * g.spatial.height + p) * g.spatial.width
        for q in 0..<g.spatial.width {
          let column = q * conv.strides.width + left
          if (0..<x.spatial.width).contains(column) { sum += gs[with + q] * xs[from + column] }
        }
      }
    }
    return sum
  }
}
