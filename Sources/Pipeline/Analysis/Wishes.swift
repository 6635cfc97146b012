import Explanations

/// What a caller wants to know of a frame. What is not asked for is not computed.
package struct Wishes: Hashable, Sendable {
  /// The number of classes to name, best first.
  package var top: Int
  /// How many classes are named unless the user says otherwise.
  package static let standardTop = 5
  /// ONNX names of the values to keep, with statistics of their channels.
  package var layers: [String]
  /// The patches of pictures that excited each channel of these layers most are collected.
  package var collectsPatches: Bool
  /// Which places of the picture mattered.
  package var explanations: [ExplanationWish]
  /// A look at all layers now and then.
  package var survey: Bool
  /// The network's input is kept.
  package var input: Bool

  /// The best classes only.
  package init(
    top: Int = Wishes.standardTop, layers: [String] = [], collectsPatches: Bool = false,
    explanations: [ExplanationWish] = [], survey: Bool = false, input: Bool = false
  ) {
    (self.top, self.layers, self.collectsPatches) = (top, layers, collectsPatches)
    (self.explanations, self.survey, self.input) = (explanations, survey, input)
  }

  /// Adds what another caller wants, so that one analysis answers both.
  package mutating func formUnion(_ other: Wishes) {
    top = max(top, other.top)
    for layer in other.layers where !layers.contains(layer) { layers.append(layer) }
    for wish in other.explanations where !explanations.contains(wish) { explanations.append(wish) }
    collectsPatches = collectsPatches || other.collectsPatches
    (survey, input) = (survey || other.survey, input || other.input)
  }
}

/// One explanation: which method explains what, looking at which layers.
package struct ExplanationWish: Hashable, Sendable {
  /// Whether frames wait for it.
  package enum Pace: Hashable, Sendable {
    /// Every frame waits for an explanation of its own.
    case everyFrame
    /// Frames do not wait: it is computed beside them, and says of which frame it is.
    case beside
  }

  package var method: String
  /// The target in the user's words.
  package var target: String
  /// ONNX names of the layers that the method looks at; none for the automatic choice.
  package var layers: [String]
  /// The parameters of the method that the user may set.
  package var options = MethodOptions()
  package var steadiness = Steadiness()
  /// A new top class is explained once it has come first in so many frames in a row.
  package var hold = 0
  /// Deletion, insertion and drop are measured too.
  package var isEvaluated = false
  /// Whether frames wait for it.
  package var pace = Pace.everyFrame

  package init(method: String, target: String = "top", layers: [String] = []) {
    (self.method, self.target, self.layers) = (method, target, layers)
  }

  /// For video: maps that do not flicker, and a target that does not jump.
  package static func video(method: String, target: String = "top", layers: [String] = []) -> ExplanationWish {
    var wish = ExplanationWish(method: method, target: target, layers: layers)
    (wish.steadiness, wish.hold) = (.video, 6)
    return wish
  }
}

extension Wishes {
  /// True when an answer to these wishes answers the other ones, too.
  package func cover(_ other: Wishes) -> Bool {
    top >= other.top && other.layers.allSatisfy(layers.contains) && other.explanations.allSatisfy(explanations.contains)
      && (collectsPatches || !other.collectsPatches) && (survey || !other.survey) && (input || !other.input)
  }
}
