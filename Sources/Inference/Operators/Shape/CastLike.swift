import Tensors

/// The first input's elements as the type of the second, whose elements do not matter. ONNX CastLike.
package struct CastLike: Operator {
  package var kind: LayerKind { .shape }
  package var keepsElements: Bool { true }
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let (input, like) = (try inputs.required(0, "input").type, try inputs.required(1, "target_type").type)
    return [TensorType(like.element, input.shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    convert(x, to: outputs[0])
  }
}

extension CastLike: Differentiable {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input == 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    let (from, to) = (scope.input(0), scope.output())
    guard scope.builder.graph.type(of: from) == scope.builder.graph.type(of: to) else { return }
    try scope.give(scope.gradient(), to: 0)
  }
}
