import Tensors

extension Conv {
  /// With few input channels all phases fit into one convolution, whose vectors of channels would be nearly empty otherwise.
  private static let joinedChannels = 4

  /// The adjoint with respect to the input at a stride above 1, by phases; nil where it has to be a transposed convolution.
  func phaseGradient(_ scope: GradientScope, _ pads: Pads) throws -> ValueID? {
    let (x, w) = (scope.shape(scope.input(0)), scope.shape(scope.input(1)))
    // Depthwise convolutions have a transposed kernel of their own.
    let isDepthwise = groups > 1 && groups == x[1] && w[0] == groups
    guard x.rank == 4, dilations == Spatial(1, 1), !isDepthwise, let weights = scope.constant(1) else { return nil }
    let (input, kernel) = (Planar(x).spatial, Planar(w).spatial)
    let rows = PhaseAxis(extent: input.height, stride: strides.height, pad: pads.top, kernel: kernel.height)
    let columns = PhaseAxis(extent: input.width, stride: strides.width, pad: pads.left, kernel: kernel.width)
    let output = Planar(scope.shape(scope.output())).spatial
    if groups == 1, x[1] <= Self.joinedChannels {
      return try joinedGradient(scope, weights, Weave(shape: x, rows: rows, columns: columns, isJoined: true), output)
    }
    var phases: [ValueID?] = []
    for r in 0..<strides.height {
      for s in 0..<strides.width {
        guard rows.taps(r) > 0, columns.taps(s) > 0, rows.count(r) > 0, columns.count(s) > 0 else {
          phases.append(nil)
          continue
        }
        guard let vertical = rows.pads(r, output: output.height), let horizontal = columns.pads(s, output: output.width)
        else { return nil }
        let part = scope.builder.derived(from: weights, "phase \(groups) \(strides) \(r) \(s)") {
          phaseWeights($0, groups: groups, strides: strides, Spatial(r, s), Spatial(rows.taps(r), columns.taps(s)))
        }
        phases.append(try scope.add(Self.phase(vertical, horizontal, groups), [scope.gradient(), part]))
      }
    }
    let weave = Weave(shape: x, rows: rows, columns: columns, isJoined: false)
    return try scope.add(weave, phases)
  }

  private func joinedGradient(
    _ scope: GradientScope, _ weights: Tensor, _ weave: Weave, _ output: Spatial
  ) throws -> ValueID? {
    guard let vertical = weave.rows.joinedPads(output: output.height),
      let horizontal = weave.columns.joinedPads(output: output.width)
    else { return nil }
    let taps = Spatial(weave.rows.taps(0), weave.columns.taps(0))
    let all = scope.builder.derived(from: weights, "phases \(strides)") { joinedWeights($0, strides: strides, taps) }
    return try scope.add(weave, [scope.add(Self.phase(vertical, horizontal, 1), [scope.gradient(), all])])
  }

  private static func phase(_ rows: (before: Int, after: Int), _ columns: (before: Int, after: Int), _ groups: Int)
    -> Conv
  {
    let pads = Pads(top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
    return Conv(padding: .explicit(pads), groups: groups)
  }
}

/// Of weights [M, C/groups, kH, kW] every stride-th tap from the phase's on, turned: [C, M/groups, taps].
private func phaseWeights(
  _ weights: Tensor, groups: Int, strides: Spatial, _ phase: Spatial, _ taps: Spatial
) -> Tensor {
  let turned = turnedWeights(weights, groups: groups)
  let part = Tensor(.float32, [turned.shape[0], turned.shape[1], taps.height, taps.width])
  let kernel = Spatial(turned.shape[2], turned.shape[3])
  let (from, to) = (turned.view.floats, part.view.floats)
  var next = 0
  for plane in 0..<turned.shape[0] * turned.shape[1] {
    for i in 0..<taps.height {
      for j in 0..<taps.width {
        // Tap phase + stride (taps - 1 - i), counted from the other end.
        let row = kernel.height - 1 - (phase.height + strides.height * (taps.height - 1 - i))
        let column = kernel.width - 1 - (phase.width + strides.width * (taps.width - 1 - j))
        to[next] = from[(plane * kernel.height + row) * kernel.width + column]
        next += 1
      }
    }
  }
  return withExtendedLifetime(turned) { part }
}

/// The weights of all phases one after the other, filled up with zeros to equal taps: [stride² C, M, taps].
private func joinedWeights(_ weights: Tensor, strides: Spatial, _ taps: Spatial) -> Tensor {
  let (outputs, channels) = (weights.shape[0], weights.shape[1])
  let kernel = Spatial(weights.shape[2], weights.shape[3])
  let all = Tensor(.float32, [strides.height * strides.width * channels, outputs, taps.height, taps.width])
  let (from, to) = (weights.view.floats, all.view.floats)
  var next = 0
  for plane in 0..<all.shape[0] {
    let (phase, c) = plane.quotientAndRemainder(dividingBy: channels)
    for m in 0..<outputs {
      for i in 0..<taps.height {
        for j in 0..<taps.width {
          let row = phase / strides.width + strides.height * (taps.height - 1 - i)
          let column = phase % strides.width + strides.width * (taps.width - 1 - j)
          let inside = row < kernel.height && column < kernel.width
          to[next] = inside ? from[((m * channels + c) * kernel.height + row) * kernel.width + column] : 0
          next += 1
        }
      }
    }
  }
  return withExtendedLifetime(weights) { all }
}
