import Tensors

/// Straight-through gradients (Bengio, Leonard, Courville 2013): rounding passes its gradient on as it is.
extension QuantizeLinear: Differentiable {
  var relevance: RelevanceRule { .passed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  /// Numbers beyond the outermost levels are cut off, which is often all that is left of a Relu: they pass nothing.
  func addGradients(_ scope: inout GradientScope) throws {
    var gradient = try scope.add(Div(), [scope.gradient(), scope.scale(axis)])
    if let scale = scope.constant(1), scale.shape.count == 1 {
      let zero = Double(scope.constant(2)?.wholeNumber ?? 0)
      let range = scope.builder.graph.type(of: scope.output()).element.wholeNumbers ?? -32768...32767
      let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
      let step = Double(scale.view.floats[0])
      let clamp = Clamp(minimum: Float((low - zero - 0.5) * step), maximum: Float((high - zero + 0.5) * step))
      let inside = try scope.add(clamp, [scope.input(0)])
      gradient = try scope.add(ActivationGradient(of: clamp), [gradient, inside])
    }
    try scope.give(gradient, to: 0)
  }
}

extension DequantizeLinear: Differentiable {
  var relevance: RelevanceRule { .passed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.add(Mul(), [scope.gradient(), scope.scale(axis)]), to: 0)
  }
}

extension DynamicQuantizeLinear: Differentiable {
  var relevance: RelevanceRule { .passed }

  func addGradients(_ scope: inout GradientScope) throws {
    guard scope.node.outputs.count > 1, scope.node.outputs[1] != nil else { return }
    try scope.give(scope.add(Div(), [scope.gradient(), scope.output(1)]), to: 0)
  }
}

extension RoundedToLevels: Differentiable {
  var relevance: RelevanceRule { .routed }
  func addGradients(_ scope: inout GradientScope) throws { try scope.give(scope.gradient(), to: 0) }
}

extension RoundedToWhole: Differentiable {
  var relevance: RelevanceRule { .routed }
  func addGradients(_ scope: inout GradientScope) throws { try scope.give(scope.gradient(), to: 0) }
}

extension GradientScope {
  /// The second input, a scale, to be broadcast along its axis of the first one.
  fileprivate func scale(_ axis: Int) throws -> ValueID {
    let (data, scale) = (shape(input(0)), input(1))
    guard shape(scale).count > 1 else { return scale }
    let along = axis < 0 ? axis + data.rank : axis
    return try builder.reshape(scale, to: Shape(data.dimensions.indices.map { $0 == along ? data[$0] : 1 }))
  }
}
