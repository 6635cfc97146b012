import CKernels
import Tensors

/// A sum of products of whole numbers, which float32 gives up to its rounding, made whole again: what comes next rounds as the model's own
/// integers would. Its gradient passes straight through.
package struct WholeSum: ElementwiseUnary {
  package var name: String { "Round" }
  package var isRounding: Bool { true }
  package init() {}
  func map<T: Real>(_ x: T) -> T { x.rounded(.toNearestOrEven) }
}

extension WholeSum: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_ROUND) } }

extension WholeSum: Differentiable {
  var relevance: RelevanceRule { .routed }
  func addGradients(_ scope: inout GradientScope) throws { try scope.give(scope.gradient(), to: 0) }
}
