import Tensors

/// ONNX Conv over three spatial axes: as `Conv`, with a depth before rows and columns.
///
/// Inputs: x [N, C, D, H, W], w [M, C/groups, kD, kH, kW], b [M] (optional). Networks for pictures hardly have it; it has no kernel.
package struct VolumeConv: Operator {
  package var name: String { "Conv" }
  /// For depth, rows and columns.
  package var strides: [Int]
  package var dilations: [Int]
  /// Before the first of each axis, then behind the last of each.
  package var pads: [Int]
  package var groups: Int

  package init(
    strides: [Int] = [1, 1, 1], dilations: [Int] = [1, 1, 1], pads: [Int] = [0, 0, 0, 0, 0, 0], groups: Int = 1
  ) {
    (self.strides, self.dilations, self.pads, self.groups) = (strides, dilations, pads, groups)
  }

  package var tolerance: Float { 3e-5 }
  package var kind: LayerKind { .convolution }

  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    saturating(output.count, times: inputs[1].dimensions.dropFirst().reduce(1, *))
  }

  private static let limit = 1 << 16

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let (x, w) = (try inputs.required(0, "X"), try inputs.required(1, "W"))
    for (input, name) in [(x, "X"), (w, "W")] {
      try input.require([.float32], name)
      guard input.type.shape.rank == 5 else { throw OperatorError("needs \(name) of 5 axes, not \(input.type.shape)") }
    }
    let (from, kernel) = (x.type.shape, w.type.shape)
    guard strides.count == 3, dilations.count == 3, pads.count == 6,
      (strides + dilations).allSatisfy({ (1...Self.limit).contains($0) }),
      pads.allSatisfy({ (0...Self.limit).contains($0) })
    else { throw OperatorError("has strides, dilations or pads that do not fit three spatial axes") }
    guard groups > 0, from[1] % groups == 0, kernel[1] == from[1] / groups, kernel[0] % groups == 0 else {
      throw OperatorError("has weights of \(kernel) in \(groups) groups, which do not fit \(from[1]) input channels")
    }
    if let bias = try inputs.optional(2, "B")?.type, bias != TensorType(.float32, [kernel[0]]) {
      throw OperatorError("has a bias of \(bias) for \(kernel[0]) output channels")
    }
    let extents = try (0..<3).map { axis in
      let room = from[axis + 2] + pads[axis] + pads[axis + 3] - (kernel[axis + 2] - 1) * dilations[axis] - 1
      guard room >= 0, kernel[axis + 2] > 0 else {
        throw OperatorError("has a window that does not fit into its padded input")
      }
      return room / strides[axis] + 1
    }
    return [TensorType(.float32, try checkedShape([from[0], kernel[0]] + extents))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], let w = inputs[1] else { return }
    let bias = inputs.count > 2 ? inputs[2]?.reals : nil
    let (xs, ws, ys) = (x.reals, w.reals, outputs[0].reals)
    var sums = [Double](repeating: 0, count: ys.count)
    let plane = outputs[0].shape.dimensions[2...].reduce(1, *)
    for place in ys.indices { sums[place] = bias.map { $0[place / plane % w.shape[0]] } ?? 0 }
    forEachProduct(x.shape, w.shape, outputs[0].shape) { place, input, weight in sums[place] += xs[input] * ws[weight] }
    for place in ys.indices { ys[place] = sums[place] }
  }

  /// Calls `body` with the position of an output, and of an input and a weight whose product is part of it.
  func forEachProduct(_ x: Shape, _ w: Shape, _ y: Shape, _ body: (_ place: Int, _ input: Int, _ weight: Int) -> Void) {
    let perGroup = w[0] / groups
    let taps = (0..<3).map { axis in
      (0..<y[axis + 2]).map { step in
        (0..<w[axis + 2]).compactMap { tap -> (from: Int, tap: Int)? in
          let from = step * strides[axis] - pads[axis] + tap * dilations[axis]
          return (0..<x[axis + 2]).contains(from) ? (from, tap) : nil
        }
      }
    }
    var place = 0
    for n in 0..<y[0] {
      for m in 0..<y[1] {
        for p in 0..<y[2] {
          for q in 0..<y[3] {
            for r in 0..<y[4] {
              for c in 0..<w[1] {
                let (plane, kernel) = ((n * x[1] + m / perGroup * w[1] + c) * x[2], (m * w[1] + c) * w[2])
                for d in taps[0][p] {
                  for i in taps[1][q] {
                    let (row, line) = (
                      ((plane + d.from) * x[3] + i.from) * x[4], ((kernel + d.tap) * w[3] + i.tap) * w[4]
                    )
                    for j in taps[2][r] { body(place, row + j.from, line + j.tap) }
                  }
                }
              }
              place += 1
            }
          }
        }
      }
    }
  }
}

extension VolumeConv: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let (g, x, w) = (scope.gradient(), scope.input(0), scope.input(1))
    if scope.wants(0) {
      try scope.give(
        scope.add(VolumeConvAdjoint(conv: self, shape: scope.shape(x), isOfWeights: false), [g, w]), to: 0)
    }
    if scope.wants(1) {
      try scope.give(scope.add(VolumeConvAdjoint(conv: self, shape: scope.shape(w), isOfWeights: true), [g, x]), to: 1)
    }
    if scope.optionalInput(2) != nil, scope.wants(2) {
      try scope.give(scope.add(Reduce(.sum, axes: [0, 2, 3, 4], keepsAxes: false), [g]), to: 2)
    }
  }
}

/// The gradient of a convolution over volumes by its input, or by its weights. Inputs: g; the other factor. Output: of `shape`.
struct VolumeConvAdjoint: Operator {
  var conv: VolumeConv
  var shape: Shape
  var isOfWeights: Bool

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], let factor = inputs[1] else { return }
    let (gs, fs) = (g.reals, factor.reals)
    var sums = [Double](repeating: 0, count: shape.count)
    let (x, w) = isOfWeights ? (factor.shape, shape) : (shape, factor.shape)
    conv.forEachProduct(x, w, g.shape) { place, input, weight in
      if isOfWeights { sums[weight] += gs[place] * fs[input] } else { sums[input] += gs[place] * fs[weight] }
    }
    let result = outputs[0].reals
    for place in result.indices { result[place] = sums[place] }
  }
}
