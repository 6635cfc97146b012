import Explanations
import Foundation
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Telemetry
import Tensors

/// A network that looks at frames and keeps what the viewers ask for: one forward pass for all of them. The first explanation shares
/// that pass; each further one, and the survey of all layers, has values of its own and a pass of its own.
final class Looker: @unchecked Sendable {
  // Safety: `look` is called by one thread at a time; `report` does not change.
  let report: NetworkReport
  private let model: Model
  private let summary: GraphSummary
  private let session: Session
  private let explained: ExplainedNetwork
  private let clock: any TimeSource
  private var preprocessor: Preprocessor?
  private var format: FrameFormat?
  private var version: Int?
  private var watches = LayerWatches()
  private var watched: [String] = []
  private var stages: [(wish: SaliencyWish, session: Session, stage: SaliencyStage, result: SaliencyResult)] = []
  private var problems: [SaliencyWish: String] = [:]
  private var survey: Survey?
  private var latestSurvey: SurveyResult?
  private var nextSurvey: MonotonicTime
  private var ranking: TopK
  private let tensors = TensorPool()

  /// Seconds from one survey to the next: no less than the first, and so many that surveys take no more of the time than the second.
  private static let (pause, surveyShare) = (0.5, 0.02)
  /// Explanations at a time; more are said to be too many.
  private static let most = 6

  /// Prepares the network.
  init(_ model: Model, options: NetworkOptions, clock: any TimeSource) throws {
    (self.model, self.clock) = (model, clock)
    session = try CompiledNetwork(model.graph, options: options).session()
    summary = GraphSummary(model.graph)
    report = NetworkReport(model, summary)
    explained = try ExplainedNetwork(model.graph, output: model.outputIndex)
    nextSurvey = clock.now()
    ranking = TopK(min(20, report.classes.count))
  }

  /// Fills the snapshot with what the network makes of its frame.
  func look(_ snapshot: Snapshot, for demand: (version: Int, settings: [WatchSettings])) throws {
    try prepare(snapshot.frame.format)
    if demand.version != version {
      try arrange(demand.settings)
      version = demand.version
    }
    snapshot.demand = demand.version
    guard let preprocessor, let input = session.inputs.first?.view, let floats = input.floats.baseAddress else {
      return
    }
    let start = clock.now()
    preprocessor.fill(snapshot.frame, into: floats)
    let filled = clock.now()
    try session.run()
    let run = clock.now()
    let kept = tensors.tensor(input.shape)
    kept.view.floats.baseAddress?.update(from: floats, count: input.floats.count)
    (snapshot.input, snapshot.placement, snapshot.crop) = (kept, preprocessor.placement, preprocessor.crop)
    rank(into: snapshot)
    keepLayers(snapshot, UnsafePointer(floats))
    try explain(snapshot)
    snapshot.times.preprocess = filled.seconds(since: start) * 1e3
    snapshot.times.inference = run.seconds(since: filled) * 1e3
    snapshot.times.saliency = clock.now().seconds(since: run) * 1e3
    try lookAround(snapshot, isWanted: demand.settings.contains(where: \.survey))
  }

  /// The weights of a layer that looks at colours.
  func filters(of layer: NetworkReport.Layer) throws -> Tensor {
    guard let weights = model.graph.filters(named: layer.name) else {
      throw UserError("the layer '\(layer.value)' has no filters that look at colours")
    }
    return weights
  }

  private func prepare(_ format: FrameFormat) throws {
    guard format != self.format else { return }
    preprocessor = try Preprocessor(format: format, transform: model.transform)
    self.format = format
  }

  /// Gets ready for other wishes. What was measured of layers that are still watched goes on.
  private func arrange(_ settings: [WatchSettings]) throws {
    var (layers, wishes): ([String], [SaliencyWish]) = ([], [])
    for setting in settings {
      if let layer = setting.layer, !layers.contains(layer), report.layer(layer) != nil { layers.append(layer) }
      for case let wish? in [setting.saliency, setting.unitWish] where !wishes.contains(wish) { wishes.append(wish) }
    }
    problems = [:]
    stages = []
    watched = layers
    watches.watch(layers) { name in
      report.layer(name).map {
        LayerWatch(
          $0, field: summary.layers[$0.index].receptiveField, transform: model.transform, tensors: tensors)
      }
    }
    try session.setTaps(layers)
    for wish in wishes {
      guard stages.count < Self.most else {
        problems[wish] = "Too many different explanations are being watched; choose one that another viewer sees."
        continue
      }
      do { try add(wish, keeping: layers) } catch { problems[wish] = "\(error)" }
    }
  }

  private func add(_ wish: SaliencyWish, keeping layers: [String]) throws {
    let target = try NamedTarget(wish.target, of: model)
    let own = stages.isEmpty ? session : try session.network.session()
    do {
      let explainer = try Explainer(
        MethodTable.method(named: wish.method), of: explained, in: own, target: target.target,
        layers: wish.layer.map { .named([$0]) } ?? .automatic,
        keeping: stages.isEmpty ? layers : [], holding: 6)
      let labels = model.labels
      let stage = SaliencyStage(explainer, steadiness: .video) { target.name($0, labels) }
      stages.append((wish, own, stage, stage.makeResult()))
    } catch {
      if own === session { try session.setTaps(layers) }
      throw error
    }
  }

  private func rank(into snapshot: Snapshot) {
    let values = UnsafeBufferPointer(session.outputs[model.outputIndex].view.floats)
    ranking.rank(values, activation: model.activation)
    snapshot.top = ranking.entries.map {
      ClassScore(label: model.labels[$0.index], index: $0.index, confidence: $0.probability)
    }
    snapshot.scores = model.activation.applied(to: values)
  }

  private func keepLayers(_ snapshot: Snapshot, _ input: UnsafePointer<Float>) {
    for name in watched {
      guard let watch = watches[name], let view = session.tap(name) else { continue }
      snapshot.layers[name] = watch.take(view, of: snapshot.frame, input: input)
    }
  }

  private func explain(_ snapshot: Snapshot) throws {
    snapshot.problems = problems
    for entry in stages {
      if entry.session !== session {
        entry.session.copyInputs(of: session)
        try entry.session.run()
      }
      try entry.stage.explain(snapshot.frame, into: entry.result)
      let result = entry.result
      snapshot.explanations[entry.wish] = ShownExplanation(
        method: entry.stage.method, layer: entry.stage.layer, target: result.target, height: result.height,
        width: result.width, values: Array(result.values.floats), peak: result.peak, box: result.box)
    }
  }

  private func lookAround(_ snapshot: Snapshot, isWanted: Bool) throws {
    let now = clock.now()
    if isWanted, now >= nextSurvey {
      if survey == nil { survey = try Survey(report, of: session.network) }
      let start = clock.now()
      latestSurvey = try survey?.look(at: session)
      let seconds = clock.now().seconds(since: start)
      nextSurvey = clock.now().advanced(bySeconds: max(Self.pause, seconds / Self.surveyShare))
      snapshot.times.survey = seconds * 1e3
    }
    snapshot.survey = latestSurvey
  }
}

extension OutputActivation {
  /// A probability for each score.
  func applied(to scores: UnsafeBufferPointer<Float>) -> [Float] {
    switch self {
    case .none: return Array(scores)
    case .exp: return scores.map { expf($0) }
    case .softmax:
      let highest = scores.lazy.filter { !$0.isNaN }.max() ?? 0
      let powers = scores.map { $0.isNaN ? 0 : expf($0 - highest) }
      let sum = powers.reduce(0, +)
      return sum > 0 && sum.isFinite ? powers.map { $0 / sum } : powers
    }
  }
}
