import Tensors

/// ONNX Conv: `y[n,m,p,q] = b[m] + Σ x[n, c, p*sh + i*dh - top, q*sw + j*dw - left] * w[m, c, i, j]` over the group's channels.
///
/// Inputs: x [N, C, H, W], w [M, C/groups, kH, kW], b [M] (optional). Output: [N, M, P, Q] with the extents of `Window.output`.
/// One-dimensional convolution has neither H, kH nor P.
package struct Conv: Operator {
  /// Steps between neighbouring outputs.
  package var strides: Spatial
  /// Steps between neighbouring taps.
  package var dilations: Spatial
  package var padding: Padding
  /// Into how many independent parts the channels fall.
  package var groups: Int

  package init(
    strides: Spatial = Spatial(1, 1), dilations: Spatial = Spatial(1, 1), padding: Padding = .valid, groups: Int = 1
  ) {
    (self.strides, self.dilations, self.padding, self.groups) = (strides, dilations, padding, groups)
  }

  package var tolerance: Float { 3e-5 }
  package var kind: LayerKind { .convolution }

  /// Each output is a sum over C/groups x kH x kW.
  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    saturating(output.count, times: inputs[1].dimensions.dropFirst().reduce(1, *))
  }

  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? {
    "\(output[1]) kernels" + (groups > 1 ? ", each from \(inputs[0][1] / groups) of \(inputs[0][1]) channels" : "")
  }

  package func window(_ inputs: [Shape]) -> Window? {
    inputs.count > 1 && inputs[1].rank >= 3 ? window(kernel: Planar(inputs[1]).spatial) : nil
  }

  package func withoutPadding() -> Conv {
    Conv(strides: strides, dilations: dilations, padding: .valid, groups: groups)
  }

  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality {
    window(inputs).map { .window($0, padding: 0) } ?? .everything
  }

  /// How a kernel of this extent slides.
  package func window(kernel: Spatial) -> Window {
    Window(kernel: kernel, strides: strides, dilations: dilations, padding: padding)
  }

  /// The padding in rows and columns for an input and a kernel of these extents.
  package func resolvedPads(input: Spatial, kernel: Spatial) -> Pads {
    window(kernel: kernel).resolvedPads(input: input)
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let xType = try required(inputs, 0, "input").type
    let wType = try required(inputs, 1, "weights").type
    let (x, w) = (try Planar(xType, of: "an input"), try Planar(wType, of: "weights"))
    guard xType.shape.rank == wType.shape.rank else {
      throw OperatorError("has weights of \(wType.shape) for an input of \(xType.shape)")
    }
    let (outputs, perGroup) = (w.batch, w.channels)
    guard groups > 0, x.channels % groups == 0, perGroup == x.channels / groups, outputs % groups == 0 else {
      throw OperatorError(
        "has weights of \(wType.shape) in \(groups) groups, which do not fit \(x.channels) input channels")
    }
    if let bias = optional(inputs, 2)?.type {
      guard bias == TensorType(.float32, [outputs]) else {
        throw OperatorError("has a bias of \(bias) for \(outputs) output channels")
      }
    }
    let window = window(kernel: w.spatial)
    try window.check()
    let output = try window.output(input: x.spatial)
    return [TensorType(.float32, Planar.shape(like: xType.shape, channels: outputs, output))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let w = inputs[1] else { return }
    let bias = inputs.count > 2 ? inputs[2]?.reals : nil
    let (input, weights, output) = (Planar(x.shape), Planar(w.shape), Planar(outputs[0].shape))
    let pads = resolvedPads(input: input.spatial, kernel: weights.spatial)
    let perGroup = weights.batch / groups
    let (xs, ws, ys) = (x.reals, w.reals, outputs[0].reals)
    let kernelSize = weights.channels * weights.spatial.height * weights.spatial.width
    var next = 0
    for n in 0..<output.batch {
      for m in 0..<output.channels {
        let firstChannel = n * input.channels + m / perGroup * weights.channels
        for p in 0..<output.spatial.height {
          for q in 0..<output.spatial.width {
            let corner = Spatial(p * strides.height - pads.top, q * strides.width - pads.left)
            let sum = sum(
              xs, firstChannel, input.spatial, ws, m * kernelSize, weights, corner: corner)
            ys[next] = sum + (bias?[m] ?? 0)
            next += 1
          }
        }
      }
    }
  }

  /// The products of one window, whose first tap lies at `corner` of the input.
  private func sum(
    _ xs: RealElements, _ firstChannel: Int, _ input: Spatial,
    _ ws: RealElements, _ firstWeight: Int, _ weights: Planar, corner: Spatial
  ) -> Double {
    var sum = 0.0
    var weight = firstWeight
    for c in 0..<weights.channels {
      let plane = (firstChannel + c) * input.height * input.width
      for i in 0..<weights.spatial.height {
        let row = corner.height + i * dilations.height
        for j in 0..<weights.spatial.width {
          let column = corner.width + j * dilations.width
          if row >= 0, row < input.height, column >= 0, column < input.width {
            sum += xs[plane + row * input.width + column] * ws[weight]
          }
          weight += 1
        }
      }
    }
    return sum
  }
}
