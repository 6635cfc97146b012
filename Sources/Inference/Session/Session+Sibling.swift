import Tensors

extension Session {
  /// Another session over the same weights, packed once for both, and the same input: what is filled in for one is there for the
  /// other. Its values are its own, so that either can be run without changing what the other computed. Both belong to one thread
  /// at a time.
  /// - Parameter taps: ONNX names of values that it keeps for reading.
  /// - Throws: `InferenceError`.
  package func sibling(taps: [String] = []) throws -> Session { try Session(besides: self, taps: taps) }
}
