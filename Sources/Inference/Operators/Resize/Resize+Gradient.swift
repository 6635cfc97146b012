import Tensors

extension Resize: Differentiable {
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    let op = ResizeGradient(resize: self, shape: scope.shape(scope.input(0)))
    try scope.give(scope.add(op, [scope.gradient(), scope.optionalInput(2), scope.optionalInput(3)]), to: 0)
  }
}

/// The adjoint of a resize: each output element's gradient goes to the input elements that it was made of, by their weights.
/// Inputs: g, scales, sizes; output: of `shape`. Like Resize it needs memory as it runs.
struct ResizeGradient: Operator {
  var resize: Resize
  var shape: Shape

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], shape.count > 0 else { return }
    let passes = resize.passes(shape, [nil, nil, inputs[1], inputs[2]]).reversed()
    var current = g
    var keeper: Tensor?
    for (number, (axis, geometry)) in passes.enumerated() {
      var extents = current.shape
      extents[axis] = geometry.extent
      let next = number == passes.count - 1 ? nil : Tensor(g.type, extents)
      scatter(current, next?.view ?? outputs[0], axis, ResizeTaps(geometry, resize))
      withExtendedLifetime(keeper) {}
      keeper = next
      current = next?.view ?? outputs[0]
    }
    if passes.isEmpty { copyAll(g, to: outputs[0]) }
  }

  /// out[…, index, …] += weight · g[…, i, …] along `axis`.
  private func scatter(_ g: TensorView, _ out: TensorView, _ axis: Int, _ taps: ResizeTaps) {
    let outer = g.shape.dimensions[..<axis].reduce(1, *)
    let inner = g.shape.dimensions[(axis + 1)...].reduce(1, *)
    let (extent, wanted) = (out.shape[axis], g.shape[axis])
    let (from, to) = (g.reals, out.reals)
    to.fill(0)
    for row in 0..<outer {
      for i in 0..<wanted {
        for tap in i * taps.count..<(i + 1) * taps.count where taps.weights[tap] != 0 {
          let (source, target) = ((row * wanted + i) * inner, (row * extent + taps.indices[tap]) * inner)
          let weight = Double(taps.weights[tap])
          for j in 0..<inner { to[target + j] += weight * from[source + j] }
        }
      }
    }
  }
}
