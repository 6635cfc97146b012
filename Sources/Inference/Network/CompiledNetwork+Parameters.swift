import Telemetry
import Tensors

extension CompiledNetwork {
  /// The value of a parameter, by its ONNX name; nil where the model has no constant of this name.
  package func parameter(_ name: String) -> Tensor? {
    weights.parameters.latest.changes[name] ?? state.withLock { $0.recipe.source.constant(named: name) }
  }

  /// Gives parameters other values, in this network and in all that share its weights. A session uses them from its next `run` on: what was made
  /// of these parameters is made again then, and nothing else. Until then its gradients are still those of its last run.
  /// - Parameter changes: tensors by ONNX name, which are not written to afterwards.
  /// - Throws: `InferenceError` for a name that is no parameter, or another shape; then nothing has changed.
  package func setParameters(_ changes: [String: Tensor]) throws {
    for (name, new) in changes {
      guard let old = parameter(name), old.type == .float32 else {
        let known = state.withLock { $0.recipe.source.values.filter { $0.constant?.type == .float32 }.map(\.name) }
        throw InferenceError("the model has no parameter named '\(name)'\(suggestion(for: name, among: known))")
      }
      guard new.type == old.type, new.shape == old.shape else {
        throw InferenceError(
          "parameter '\(name)' is \(old.type) \(old.shape) and cannot become \(new.type) \(new.shape)")
      }
    }
    weights.parameters.set(changes)
  }
}
