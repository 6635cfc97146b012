import Tensors

/// How a gradient passes rectifiers, and whether relevance is asked for instead of a gradient.
package enum GradientRule: Hashable, Sendable {
  case standard
  /// Guided backpropagation (Springenberg et al. 2015): a rectifier passes what is positive, where its output is positive.
  case guided
  /// Deconvolution (Zeiler and Fergus 2014): a rectifier passes what is positive, whatever its output.
  case deconvnet
  /// Layer-wise relevance propagation (Bach et al. 2015, equation 58): a layer z = f(a) gives its inputs
  /// `a · Jᵀ(R / (z + ε sign z))`, biases take their share, and activation functions pass relevance on.
  case lrp(epsilon: Float)
}

/// A gradient that a session is to compute: `Σ seed · of`, differentiated with respect to each of `withRespectTo`.
package struct GradientRequest: Hashable, Sendable {
  /// ONNX names of the values that are differentiated, usually one: the scores.
  package var of: [String]
  /// ONNX names of network inputs, of values that the network computes, or of its weights.
  package var withRespectTo: [String]
  package var rule: GradientRule
  /// A gradient [N, C, H, W] is wanted as its sums over rows and columns alone, [N, C, 1, 1]. These may cost less.
  package var sumsPositions: Bool

  package init(
    of: [String], withRespectTo: [String], rule: GradientRule = .standard, sumsPositions: Bool = false
  ) {
    (self.of, self.withRespectTo, self.rule, self.sumsPositions) = (of, withRespectTo, rule, sumsPositions)
  }
}

/// A request whose names have been found.
struct GradientTask {
  var of: [ValueID], withRespectTo: [ValueID]
  var rule: GradientRule
  var sumsPositions = false

  /// The shape of the gradient with respect to a value of this shape.
  func gradientShape(_ shape: Shape) -> Shape { sumsPositions ? shape.withoutPositions : shape }
}

extension Shape {
  /// [N, C, 1, 1] for [N, C, H, W], as for any number of axes after the second; other shapes as they are.
  var withoutPositions: Shape {
    Shape(dimensions.enumerated().map { $0 < 2 ? $1 : 1 })
  }
}
