import Frames
import Imaging
import Synchronization
import Tensors

/// All that is known of one frame. The analyst makes it; afterwards it is only read, by any number of threads.
package final class Analysis: @unchecked Sendable {
  // Safety: the analyst fills it before another thread has it, and fills it again only when no other reference to it is left.

  /// The wishes that it answers.
  package internal(set) var wishes = Wishes(top: 0)
  package internal(set) var top: [ClassScore] = []
  /// What is shown for each class: its probability, or the raw score where the model's sidecar says so.
  package internal(set) var scores: [Float] = []
  /// How many of the network's scores are no numbers, or infinite. Then there is no best class, and `top` is empty.
  package internal(set) var brokenScores = 0
  /// In the order of the wishes.
  package internal(set) var layers: [LayerValues] = []
  /// In the order of the wishes, equal ones once; one that is made beside the frames is missing until the first is ready.
  package internal(set) var explanations: [Explanation] = []
  /// Why an explanation is not there, as sentences.
  package internal(set) var problems: [ExplanationWish: String] = [:]
  /// The latest look at all layers.
  package internal(set) var survey: SurveyResult?
  /// The network's input, where the wishes asked for it.
  package internal(set) var input: Tensor?
  /// Where the network's input lies on the picture.
  package internal(set) var placement = InputPlacement(left: 0, top: 0, width: 1, height: 1)
  /// The part of the picture that the network saw.
  package internal(set) var crop = Rect(x: 0, y: 0, width: 1, height: 1)
  /// The same for all frames.
  package let network: NetworkFacts
  /// The analyst's `news` when it was made.
  package internal(set) var news = 0
  package internal(set) var times = AnalysisTimes()

  package init(network: NetworkFacts) { self.network = network }

  /// What to tell users of scores that are no numbers; nil where all are.
  package var brokenScoresSentence: String? {
    guard brokenScores > 0 else { return nil }
    return
      "\(brokenScores) of the \(scores.count) scores of \(network.name) are not finite numbers for this picture, so there is "
      + "no best class. The network divides by zero or overflows, or the picture is prepared in another way than it was trained "
      + "with; 'fovea inspect' shows the preprocessing in force."
  }

  /// The values of a layer that was asked for.
  package func layer(_ name: String) -> LayerValues? { layers.first { $0.name == name } }

  /// The explanation that was asked for.
  package func explanation(_ wish: ExplanationWish) -> Explanation? { explanations.first { $0.wish == wish } }
}

/// What overlays and reports say of the network itself.
package struct NetworkFacts: Sendable {
  package let name: String
  /// The scores are probabilities.
  package let scoresAreProbabilities: Bool

  package init(name: String, scoresAreProbabilities: Bool) {
    (self.name, self.scoresAreProbabilities) = (name, scoresAreProbabilities)
  }
}

/// Seconds that the parts of an analysis took; in a batch, a picture's share.
package struct AnalysisTimes: Sendable {
  package internal(set) var preprocess = 0.0
  package internal(set) var inference = 0.0
  /// Beyond the forward pass: explanations that the frame waited for, and statistics of layers.
  package internal(set) var saliency = 0.0
}

/// One class with its probability or score.
package struct ClassScore: Sendable, Hashable {
  package var label: String
  /// The class index in the model's output.
  package var index: Int
  /// Softmax probability, or the raw score when the model's sidecar says so.
  package var confidence: Float

  package init(label: String, index: Int, confidence: Float) {
    (self.label, self.index, self.confidence) = (label, index, confidence)
  }
}

/// Counts results of side tasks, from any thread.
final class NewsCount: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func add() { count.add(1, ordering: .relaxed) }
}
