import Tensors

/// An operator whose output elements are elements of its first input: its adjoint adds each back to where it came from.
protocol Mover: Differentiable {}

extension Mover {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  /// Where each element comes from is found now, or as it runs where positions are computed.
  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let others = scope.node.inputs.indices.dropFirst().map { scope.optionalInput($0) }
    guard others.allSatisfy({ $0.map { scope.builder.graph.values[$0].constant != nil } ?? true }) else {
      let op = MoverGradient(mover: self, shape: shape)
      return try scope.give(scope.add(op, [scope.gradient(), scope.output()] + others), to: 0)
    }
    let constants = others.map { $0.flatMap { scope.builder.graph.values[$0].constant } }
    let origins = withExtendedLifetime(constants) {
      self.origins(shape, scope.shape(scope.output()), constants.map { $0?.view })
    }
    let op = ScatterOrigins(shape: shape)
    try scope.give(scope.add(op, [scope.gradient(), scope.constant(origins)]), to: 0)
  }

  /// For each element of the output one more than the position in the input that it comes from; 0 for none.
  func origins(_ input: Shape, _ output: Shape, _ others: [TensorView?]) -> Tensor {
    let (positions, origins) = (Tensor(.int32, input), Tensor(.int32, output))
    let elements = positions.view.elements(as: Int32.self)
    for index in elements.indices { elements[index] = Int32(truncatingIfNeeded: index + 1) }
    withExtendedLifetime(positions) { forward([positions.view] + others, [origins.view]) }
    return origins
  }
}

/// The adjoint of an operator that moves elements to computed places. Inputs: g; the output; the operator's further inputs. It needs
/// memory as it runs.
struct MoverGradient: Operator {
  var mover: any Mover
  var shape: Shape
  var name: String { "\(mover.name)Gradient" }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0], let y = inputs[1] else { return }
    let origins = mover.origins(shape, y.shape, Array(inputs.dropFirst(2)))
    withExtendedLifetime(origins) { ScatterOrigins(shape: shape).forward([g, origins.view], outputs) }
  }
}

/// `out[origins[i] - 1] += g[i]` from zeros; an origin of 0 is none. Inputs: g; origins, int32.
struct ScatterOrigins: Operator {
  var shape: Shape

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let g = inputs[0]?.reals, let origins = inputs[1]?.elements(as: Int32.self) else { return }
    let out = outputs[0].reals
    out.fill(0)
    for index in g.indices where origins[index] > 0 { out[Int(origins[index]) - 1] += g[index] }
  }
}

extension Gather: Mover {}
extension GatherND: Mover {}
extension Tile: Mover {}
extension DepthToSpace: Mover {}
extension SpaceToDepth: Mover {}

extension GatherElements: Differentiable {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    let shape = scope.shape(scope.input(0))
    let op = ScatterElements(axis: axis < 0 ? axis + shape.rank : axis, shape: shape)
    try scope.give(scope.add(op, [scope.gradient(), scope.input(1)]), to: 0)
  }
}

extension Transpose: Differentiable {
  var relevance: RelevanceRule { .routed }

  func addGradients(_ scope: inout GradientScope) throws {
    let rank = scope.shape(scope.input(0)).rank
    var inverse = [Int](repeating: 0, count: rank)
    for (to, from) in (permutation ?? (0..<rank).reversed()).enumerated() { inverse[from] = to }
    try scope.give(scope.add(Transpose(permutation: inverse), [scope.gradient()]), to: 0)
  }
}

extension Expand: Differentiable {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }
  func addGradients(_ scope: inout GradientScope) throws { try scope.give(scope.gradient(), to: 0) }
}

extension Cast: Differentiable {
  var relevance: RelevanceRule { .routed }

  /// Towards float32 only: whole numbers on the way are quantised ones.
  func addGradients(_ scope: inout GradientScope) throws {
    let from = scope.builder.graph.type(of: scope.input(0)).element
    guard from == .float32 || from == .int32, type == .float32 else { return }
    try scope.give(scope.gradient(), to: 0)
  }
}

extension Reshape: DifferentiableReinterpretation {}
extension Flatten: DifferentiableReinterpretation {}
extension Squeeze: DifferentiableReinterpretation {}
extension Unsqueeze: DifferentiableReinterpretation {}
extension Identity: DifferentiableReinterpretation {}
extension Dropout: DifferentiableReinterpretation {}

/// The same elements under another shape.
protocol DifferentiableReinterpretation: Differentiable {}

extension DifferentiableReinterpretation {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.builder.reshape(scope.gradient(), to: scope.shape(scope.input(0))), to: 0)
  }
}

extension Concat: Differentiable {
  var relevance: RelevanceRule { .routed }

  func addGradients(_ scope: inout GradientScope) throws {
    let rank = scope.shape(scope.output()).rank
    let along = axis < 0 ? axis + rank : axis
    let extents = scope.node.inputs.indices.map { scope.shape(scope.input($0))[along] }
    let split = Split(axis: along, parts: .extents(extents), outputCount: extents.count)
    let parts = try scope.builder.add(split, [scope.gradient()], outputs: extents.count)
    // A value that is joined to itself gets all its parts.
    for (input, part) in parts.enumerated() { try scope.give(part, to: input) }
  }
}

extension Split: Differentiable {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    let parts = try scope.node.outputs.indices.map { index in
      guard scope.node.outputs[index] != nil else {
        throw InferenceError(scope.node, "there is no gradient through a part that has no name")
      }
      return scope.gradient(index)
    }
    try scope.give(scope.add(Concat(axis: axis), parts), to: 0)
  }
}

extension SliceOperator: Mover {}

extension Pad: Differentiable {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  /// Constant margins are cut off; what others repeat is added up.
  func addGradients(_ scope: inout GradientScope) throws {
    let rank = scope.shape(scope.input(0)).rank
    guard mode == .constant else { return try addMoverGradient(&scope) }
    let given = try pads ?? scope.constant(1)?.integers("pads") ?? []
    let axes = try scope.constant(3)?.integers("axes") ?? Array(0..<rank)
    var opposite = [Int](repeating: 0, count: 2 * rank)
    for (index, axis) in axes.enumerated() {
      let along = axis < 0 ? axis + rank : axis
      (opposite[along], opposite[along + rank]) = (-given[index], -given[index + axes.count])
    }
    try scope.give(scope.add(Pad(pads: opposite), [scope.gradient()]), to: 0)
  }

  private func addMoverGradient(_ scope: inout GradientScope) throws {
    try PadMover(pad: self).addGradients(&scope)
  }
}

/// A Pad whose margins repeat elements.
private struct PadMover: Mover {
  var pad: Pad
  var name: String { pad.name }
  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { try pad.outputTypes(for: inputs) }
  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    var pad = pad
    guard let given = pad.pads else { return pad.forward(inputs, outputs) }
    // The attribute form takes float32 only; margins of these modes have no value.
    pad.pads = nil
    let amounts = Tensor(given, [given.count])
    withExtendedLifetime(amounts) { pad.forward([inputs[0], amounts.view], outputs) }
  }
}
