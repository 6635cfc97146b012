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
  private let explainer: PictureExplainer
  private let box: Rect?
  private let random: (network: ExplainedNetwork, session: Session)

  init(_ arguments: ParsedArguments, _ explainer: PictureExplainer) throws {
    self.explainer = explainer
    box = arguments[ExplainCommand.box]
    let network = try explainer.network.withRandomWeights()
    random = (network, try Session(graph: network.graph, options: EngineArguments.session(arguments)))
  }

  /// A table of all methods and targets for one picture.
  func table(_ frame: Frame) throws -> String {
    let columns = [
      Column("method"), Column("target"), Column("deletion", alignsRight: true), Column("insertion", alignsRight: true),
      Column("drop %", alignsRight: true), Column("pointing"), Column("random weights", alignsRight: true),
    ]
    let rows = try explainer.targets.flatMap { target in
      try explainer.methods.map { try row($0, target, frame) }
    }
    let legend = [
      "deletion, insertion: area under the class's probability while the hottest pixels go or come first; less, more is better.",
      "drop: what is lost when only the map is left; less is better. pointing: the hottest place lies in --box.",
      "random weights: rank correlation with the map of the same network with random weights; near 0 is better.",
    ]
    return (align(columns, rows) + legend).joined(separator: "\n") + "\n"
  }

  private func row(
    _ method: any SaliencyMethod.Type, _ target: NamedTarget, _ frame: Frame
  ) throws -> [String] {
    explainer.load(frame)
    let explained = try explainer.explainer(target, method)
    try explainer.session.run()
    try explained.explain()
    let shown = ShownMap(
      height: explained.map.height, width: explained.map.width, isSigned: method.info.isSigned)
    shown.show(explained.map, after: nil)
    let peak = explainer.placement.point(shown.peak.u, shown.peak.v)
    let other = try correlate(explained, method)
    let scores = try explained.scores()
    let points = box.map {
      peak.x >= Double($0.x) && peak.x < Double($0.maxX) && peak.y >= Double($0.y) && peak.y < Double($0.maxY)
    }
    return [
      method.info.name, target.name(explained.choice, explainer.model.labels),
      String(format: "%.3f", scores.deletion), String(format: "%.3f", scores.insertion),
      String(format: "%.1f", scores.drop), points.map { $0 ? "inside" : "outside" } ?? "–",
      String(format: "%.2f", other),
    ]
  }

  /// The correlation with the map that random weights give for the same class.
  private func correlate(_ explained: Explainer, _ method: any SaliencyMethod.Type) throws -> Double {
    guard case .classes(let index, nil) = explained.choice else { return .nan }
    let other = try explainer.explainer(
      NamedTarget(String(index), of: explainer.model), method, of: random.network, in: random.session)
    let (from, to) = (explainer.session.inputs[0].view.floats, random.session.inputs[0].view.floats)
    if let source = from.baseAddress { to.baseAddress?.update(from: source, count: to.count) }
    try random.session.run()
    try other.explain()
    return explained.rankCorrelation(with: other)
  }
}
