import Explanations
import Foundation
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Settings
import Telemetry

/// `fovea explain --evaluate`: how good the maps are.
struct Evaluation {
  private let box: Rect?
  /// The same network with random weights.
  private let random: Analyst

  init(_ arguments: ParsedArguments, _ explainer: PictureExplainer) throws {
    box = arguments[ExplainCommand.box]
    var model = explainer.model
    model.graph = try ExplainedNetwork(model.graph, output: model.outputIndex, scores: model.scores).withRandomWeights()
      .graph
    (model.outputIndex, model.scores) = (0, nil)
    random = try Analyst(model, CompiledNetwork(model.graph, options: EngineArguments.network(arguments)))
  }

  /// A table of all methods and targets for one picture, which was looked at to be evaluated.
  func table(_ frame: Frame, _ analysis: Analysis) throws -> String {
    let columns = [
      Column("method"), Column("target"), Column("deletion", alignsRight: true), Column("insertion", alignsRight: true),
      Column("drop %", alignsRight: true), Column("pointing"), Column("random weights", alignsRight: true),
    ]
    let rows = try analysis.explanations.map { try row($0, frame, analysis) }
    let legend = [
      "deletion, insertion: area under the class's probability while the hottest pixels go or come first; less, more is better.",
      "drop: what is lost when only the map is left; less is better. pointing: the hottest place lies in --box.",
      "random weights: rank correlation with the map of the same network with random weights; near 0 is better.",
    ]
    return (align(columns, rows) + legend).joined(separator: "\n") + "\n"
  }

  private func row(_ explanation: Explanation, _ frame: Frame, _ analysis: Analysis) throws -> [String] {
    let peak = explanation.peak.map { analysis.placement.point($0.u, $0.v) }
    let points = box.map {
      guard let peak else { return false }
      return peak.x >= Double($0.x) && peak.x < Double($0.maxX) && peak.y >= Double($0.y) && peak.y < Double($0.maxY)
    }
    let scores = explanation.evaluation
    func number(_ value: Double?, _ format: String) -> String { value.map { String(format: format, $0) } ?? "–" }
    return [
      explanation.method.name, explanation.target, number(scores?.deletion, "%.3f"),
      number(scores?.insertion, "%.3f"), number(scores?.drop, "%.1f"),
      points.map { $0 ? "inside" : "outside" } ?? "–", String(format: "%.2f", try correlation(explanation, frame)),
    ]
  }

  /// The correlation with the map that random weights give for the same class.
  private func correlation(_ explanation: Explanation, _ frame: Frame) throws -> Double {
    guard case .classes(let index, nil) = explanation.choice else { return .nan }
    var wish = explanation.wish
    (wish.target, wish.isEvaluated) = (String(index), false)
    let other = try random.look(frame, Wishes(explanations: [wish]))
    guard let map = other.explanations.first else {
      throw UserError("\(wish.method) cannot explain the network with random weights: \(other.problems[wish] ?? "")")
    }
    return rankCorrelation(
      UnsafeBufferPointer(explanation.raw.view.floats), UnsafeBufferPointer(map.raw.view.floats))
  }
}
