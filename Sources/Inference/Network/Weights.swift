import Tensors

/// What is made of a model's weights, for all networks that share them.
final class Weights: Sendable {
  let parameters = Parameters()
  let packed = PackedWeights()
  let derived = DerivedConstants()

  /// Lets go of what was made of tensors that are gone, and of these, which parameters no longer have.
  func sweep(with tensors: [Tensor] = []) {
    derived.sweep(with: tensors)
    packed.sweep(with: tensors)
  }
}
