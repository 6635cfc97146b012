import Explanations
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Settings
import Telemetry

/// Explains pictures by several methods and for several targets.
final class PictureExplainer {
  let model: Model
  let analyst: Analyst
  private(set) var methods: [any SaliencyMethod.Type]
  let targets: [NamedTarget]
  private let layers: [String]
  private let options: MethodOptions
  private let format: FrameFormat

  /// - Throws: a sentence where a method cannot explain the network; of all methods those that cannot are left out with a warning.
  init(_ arguments: ParsedArguments, model: Model, format: FrameFormat) throws {
    (self.model, self.format) = (model, format)
    let names = arguments[ExplainCommand.method]
    methods = names.contains("all") ? MethodTable.all : try names.map(MethodTable.method)
    targets = try arguments[SaliencyArguments.target].flatMap { try NamedTarget.list($0, of: model) }
    layers = try chooseLayers(arguments[ExplainCommand.layer], in: model.graph).map(\.value)
    options = SaliencyArguments.numbers(arguments)
    analyst = try Analyst(model, CompiledNetwork(model.graph, options: EngineArguments.network(arguments)))
    if names.contains("all") { methods = methods.filter(works) }
    guard !methods.isEmpty else { throw UserError("no method works with this network.") }
    try analyst.prepare(wishes(), for: format)
  }

  /// Where the network's input lies on the picture.
  var placement: InputPlacement { analyst.placement ?? InputPlacement(left: 0, top: 0, width: 1, height: 1) }

  /// What the network makes of a picture, with an explanation by each method for each target.
  /// - Parameter isEvaluated: how good the maps are is measured too.
  func look(_ frame: Frame, isEvaluated: Bool = false) throws -> Analysis {
    let analysis = try analyst.look(frame, wishes(isEvaluated: isEvaluated))
    if let sentence = analysis.brokenScoresSentence { throw UserError(sentence) }
    return analysis
  }

  /// For each target the explanations by all methods.
  func blocks(_ analysis: Analysis) -> [[Explanation]] {
    targets.map { target in
      methods.compactMap { method in
        analysis.explanations.first { $0.wish.method == method.info.name && $0.wish.target == target.text }
      }
    }
  }

  /// What was explained, as in `tabby, 41 %`.
  func heading(_ explanation: Explanation, _ analysis: Analysis) -> String {
    if case .classes(let index, nil) = explanation.choice, model.scoresAreProbabilities {
      return String(format: "%@, %.0f %%", explanation.target, analysis.scores[index] * 100)
    }
    return String(format: "%@, score %.3g", explanation.target, explanation.score)
  }

  /// The explanation of one target by one method.
  func wish(_ method: any SaliencyMethod.Type, of target: String, isEvaluated: Bool = false) -> ExplanationWish {
    var wish = ExplanationWish(method: method.info.name, target: target, layers: layers)
    (wish.options, wish.isEvaluated) = (options, isEvaluated)
    return wish
  }

  private func wishes(isEvaluated: Bool = false) -> Wishes {
    Wishes(
      explanations: targets.flatMap { target in
        methods.map { wish($0, of: target.text, isEvaluated: isEvaluated) }
      })
  }

  private func works(_ method: any SaliencyMethod.Type) -> Bool {
    do {
      try analyst.prepare(Wishes(explanations: [wish(method, of: targets[0].text)]), for: format)
      return true
    } catch {
      Log.warning("\(method.info.name) is left out: \(error)")
      return false
    }
  }
}
