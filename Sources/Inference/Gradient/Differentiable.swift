import Tensors

/// An operator with a gradient, written as a few nodes that the planner treats like any others.
protocol Differentiable: Operator {
  /// True when the outputs depend smoothly on this input: not for shapes, positions and conditions.
  func isDifferentiable(input: Int) -> Bool

  /// Adds nodes that compute `Jᵀ g` for the inputs that are wanted, and gives the results to the scope. An input that gets
  /// nothing has a gradient of zero.
  func addGradients(_ scope: inout GradientScope) throws

  /// What layer-wise relevance propagation does with it.
  var relevance: RelevanceRule { get }
}

/// How relevance passes an operator.
enum RelevanceRule {
  /// By `GradientRule.lrp`.
  case epsilon
  /// As it is, along the gradient: the operator only moves elements.
  case routed
  /// As it is, to the first input: a function of single elements, or a normalisation.
  case passed
}

extension Differentiable {
  func isDifferentiable(input: Int) -> Bool { true }
  var relevance: RelevanceRule { .epsilon }
}

/// One node during differentiation: what its operator sees.
struct GradientScope {
  let node: Node
  /// How rectifiers are passed.
  let rule: GradientRule
  /// For each output the gradient of what is differentiated with respect to it; nil for zero.
  let outputGradients: [ValueID?]
  /// The inputs whose gradient is needed.
  let wanted: Set<Int>
  /// The gradients found, by input.
  private(set) var inputGradients: [Int: ValueID] = [:]
  let builder: GradientBuilder

  /// True when the gradient of this input is needed.
  func wants(_ input: Int) -> Bool { wanted.contains(input) }

  /// The value at this input, which must be there.
  func input(_ index: Int) -> ValueID {
    guard index < node.inputs.count, let value = node.inputs[index] else {
      preconditionFailure("'\(node.name)' has no input \(index)")
    }
    return value
  }

  /// The value at this optional input.
  func optionalInput(_ index: Int) -> ValueID? { index < node.inputs.count ? node.inputs[index] : nil }

  /// The value at this output, which is there because a gradient reached it.
  func output(_ index: Int = 0) -> ValueID {
    guard let value = node.outputs[index] else { preconditionFailure("'\(node.name)' has no output \(index)") }
    return value
  }

  /// The gradient with respect to an output, zeros where none reached it.
  func gradient(_ index: Int = 0) -> ValueID {
    outputGradients[index] ?? builder.constant(Tensor(.float32, shape(output(index))))
  }

  func shape(_ value: ValueID) -> Shape { builder.graph.type(of: value).shape }

  func constant(_ input: Int) -> Tensor? { optionalInput(input).flatMap { builder.graph.values[$0].constant } }

  /// Adds a node; its first output.
  func add(_ op: any Operator, _ inputs: [ValueID?]) throws -> ValueID { try builder.add(op, inputs) }

  func constant(_ tensor: Tensor) -> ValueID { builder.constant(tensor) }

  /// A new constant of one number, to be broadcast.
  func number(_ value: Float) -> ValueID { builder.constant(Tensor([value], [])) }

  /// Notes the gradient of an input. It is summed over the axes along which the input was broadcast, and takes its shape.
  mutating func give(_ gradient: ValueID, to input: Int) throws {
    guard wants(input) else { return }
    inputGradients[input] = try builder.reduce(gradient, to: shape(self.input(input)))
  }
}
