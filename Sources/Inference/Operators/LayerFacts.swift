import Tensors

/// What kind of work a layer does.
package enum LayerKind: String, Encodable, Sendable {
  case convolution, pooling, normalization, activation
  /// Products with a matrix.
  case linear
  /// Arithmetic of several values, and values put side by side.
  case join
  /// Elements moved, left out or repeated.
  case shape
  case other
}

/// What the output of a classifier's last operator says of the classes.
package enum ScoreForm: Sendable {
  case probabilities
  case logarithmsOfProbabilities
}

/// What is known of an operator as a layer of a network. An operator states what differs from the defaults in its own file.
///
/// Shapes of inputs come in the order of the inputs, without axes for an optional one that is absent.
package protocol LayerFacts {
  var kind: LayerKind { get }

  /// True for a constant input that counts as learned numbers: weights and biases, not running statistics.
  func learns(_ input: Int, _ shape: Shape) -> Bool

  /// Multiply-adds of convolutions and matrix products; 0 of other operators.
  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int

  /// How the output's extents follow from the inputs', in words; for operators without a window.
  func shapeNote(_ inputs: [Shape], _ output: Shape) -> String?

  /// Nil for operators that classifiers do not turn scores into probabilities with.
  var scoreForm: ScoreForm? { get }

  /// True of a function of single elements that keeps the order of class scores and changes only their scale: a bound, a logarithm.
  var onlyRescales: Bool { get }

  /// True when the output tells which elements of the first input are the largest or smallest, or only those.
  var selectsBest: Bool { get }

  /// True when the output holds the first input's numbers, rounded to a few levels or read back from those.
  var isRounding: Bool { get }

  /// True when the output holds the first input's elements in their order, under another shape or type.
  var keepsElements: Bool { get }

  /// True when the output equals the first input, provided that they have the same type.
  /// - Parameter constants: the node's inputs, where they are constant.
  func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool

  /// True when the output follows from the types of the inputs, whatever their elements are.
  var readsTypesOnly: Bool { get }

  /// True when each element of the output is the mean of elements of the input.
  var isMean: Bool { get }
}

extension LayerFacts {
  package var kind: LayerKind { .other }
  /// Weights and biases come second and third.
  package func learns(_ input: Int, _ shape: Shape) -> Bool {
    (input == 1 || input == 2) && [.convolution, .linear, .normalization].contains(kind)
  }
  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int { 0 }
  package func shapeNote(_ inputs: [Shape], _ output: Shape) -> String? { nil }
  package var scoreForm: ScoreForm? { nil }
  package var onlyRescales: Bool { false }
  package var selectsBest: Bool { false }
  package var isRounding: Bool { false }
  package var keepsElements: Bool { false }
  package func isNoOp(_ inputs: [Shape], _ constants: [Tensor?]) -> Bool { keepsElements }
  package var readsTypesOnly: Bool { false }
  package var isMean: Bool { false }
}
