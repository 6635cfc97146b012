import Tensors

/// ONNX ConvTranspose, the adjoint of Conv: each input pixel adds its multiple of the kernel to the output at
/// `(p * sh + i * dh - top, q * sw + j * dw - left)`.
///
/// Inputs: x [N, C, H, W], w [C, M/groups, kH, kW], b [M] (optional). Output: [N, M, P, Q] with
/// `P = (H - 1) * sh + outputPadding + span - top - bottom`. One-dimensional x, w and y lack H, kH and P.
package struct ConvTranspose: Operator {
  /// Steps between what neighbouring inputs add to.
  package var strides: Spatial
  /// Steps between neighbouring taps.
  package var dilations: Spatial
  /// What is cut from the output.
  package var padding: Padding
  /// Rows and columns added at the output's end.
  package var outputPadding: Spatial
  /// The output's extent, from which then the padding follows; nil where the padding counts.
  package var outputShape: Spatial?
  /// Into how many independent parts the channels fall.
  package var groups: Int

  package init(
    strides: Spatial = Spatial(1, 1), dilations: Spatial = Spatial(1, 1), padding: Padding = .valid,
    outputPadding: Spatial = Spatial(0, 0), outputShape: Spatial? = nil, groups: Int = 1
  ) {
    (self.strides, self.dilations, self.padding) = (strides, dilations, padding)
    (self.outputPadding, self.outputShape, self.groups) = (outputPadding, outputShape, groups)
  }

  package var tolerance: Float { 3e-5 }
  package var kind: LayerKind { .convolution }
  package var positionSource: PositionSource { .between }

  /// Each input is spread over M/groups x kH x kW.
  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    saturating(inputs[0].count, times: inputs[1].dimensions.dropFirst().reduce(1, *))
  }

  /// The padding in rows and columns for an input and a kernel of these extents (ONNX specification, ConvTranspose:
  /// `total = stride * (input - 1) + output_padding + span - output_shape`).
  package func resolvedPads(input: Spatial, kernel: Spatial) -> Pads {
    if outputShape == nil {
      if case .explicit(let pads) = padding { return pads }
      if padding == .valid { return .none }
    }
    let full = fullExtent(input: input, kernel: kernel)
    let wanted = outputShape ?? Spatial(input.height * strides.height, input.width * strides.width)
    let (vertical, horizontal) = (max(full.height - wanted.height, 0), max(full.width - wanted.width, 0))
    let (top, left) =
      padding == .sameUpper
      ? (vertical / 2, horizontal / 2) : (vertical - vertical / 2, horizontal - horizontal / 2)
    return Pads(top: top, left: left, bottom: vertical - top, right: horizontal - left)
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let xType = try required(inputs, 0, "input").type
    let wType = try required(inputs, 1, "weights").type
    let (x, w) = (try Planar(xType, of: "an input"), try Planar(wType, of: "weights"))
    guard xType.shape.rank == wType.shape.rank, groups > 0, x.channels == w.batch, x.channels % groups == 0 else {
      throw OperatorError("has weights of \(wType.shape) in \(groups) groups for an input of \(xType.shape)")
    }
    let channels = w.channels * groups
    if optional(inputs, 2) != nil { try checkVector(inputs, 2, "bias", count: channels) }
    try Window(kernel: w.spatial, strides: strides, dilations: dilations, padding: padding).check()
    guard outputPadding.height >= 0, outputPadding.width >= 0 else {
      throw OperatorError("has negative output_padding")
    }
    let full = fullExtent(input: x.spatial, kernel: w.spatial)
    let pads = resolvedPads(input: x.spatial, kernel: w.spatial)
    let output = Spatial(full.height - pads.top - pads.bottom, full.width - pads.left - pads.right)
    guard output.height > 0, output.width > 0, outputShape.map({ $0 == output }) ?? true else {
      throw OperatorError("has an output of \(output), which it cannot have")
    }
    return [TensorType(.float32, Planar.shape(like: xType.shape, channels: channels, output))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let w = inputs[1] else { return }
    let (input, kernel, output) = (Planar(x.shape), Planar(w.shape), Planar(outputs[0].shape))
    let bias = inputs.count > 2 ? inputs[2]?.reals : nil
    let extent = output.spatial.height * output.spatial.width
    for plane in 0..<output.batch * output.channels {
      let (n, m) = plane.quotientAndRemainder(dividingBy: output.channels)
      var sums = [Double](repeating: bias?[m] ?? 0, count: extent)
      let perGroup = input.channels / groups
      for c in 0..<perGroup {
        let channel = m / kernel.channels * perGroup + c
        scatter(
          x.reals, (n * input.channels + channel) * input.spatial.height * input.spatial.width, input.spatial,
          w.reals, (channel * kernel.channels + m % kernel.channels) * kernel.spatial.height * kernel.spatial.width,
          kernel.spatial, into: &sums, output.spatial)
      }
      let y = outputs[0].reals
      for (index, sum) in sums.enumerated() { y[plane * extent + index] = sum }
    }
  }

  /// The output's extent before anything is cut from it.
  private func fullExtent(input: Spatial, kernel: Spatial) -> Spatial {
    let span = Window(kernel: kernel, dilations: dilations).span
    return Spatial(
      (input.height - 1) * strides.height + outputPadding.height + span.height,
      (input.width - 1) * strides.width + outputPadding.width + span.width)
  }

  /// Adds the products of one input plane with one kernel plane.
  private func scatter(
    _ xs: RealElements, _ first: Int, _ input: Spatial, _ ws: RealElements,
    _ firstWeight: Int, _ kernel: Spatial, into sums: inout [Double], _ output: Spatial
  ) {
    let pads = resolvedPads(input: input, kernel: kernel)
    for h in 0..<input.height {
      for w in 0..<input.width {
        let value = xs[first + h * input.width + w]
        for tap in 0..<kernel.height * kernel.width {
          let (i, j) = tap.quotientAndRemainder(dividingBy: kernel.width)
          let row = h * strides.height + i * dilations.height - pads.top
          let column = w * strides.width + j * dilations.width - pads.left
          guard (0..<output.height).contains(row), (0..<output.width).contains(column) else { continue }
          sums[row * output.width + column] += value * ws[firstWeight + tap]
        }
      }
    }
  }
}
