import Explanations
import Foundation
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Settings
import Telemetry
import Tensors

/// One map of one picture.
struct ExplainedMap {
  let method: MethodInfo
  /// As the method made it.
  let raw: Tensor
  /// Scaled to 0…1 for the eye.
  let shown: Tensor
  let peak: (u: Double, v: Double)
  /// What was explained, and its value.
  let target: String
  let score: Float
  /// The probability of the target's class, or nil.
  let probability: Float?
  /// What the method has to say about the map.
  let note: String?
}

/// Explains pictures by several methods and for several targets, one after the other in one session.
final class PictureExplainer {
  let model: Model
  let session: Session
  let network: ExplainedNetwork
  private(set) var methods: [any SaliencyMethod.Type]
  let targets: [NamedTarget]
  private let layers: LayerSelection
  private let options: MethodOptions
  private let sessionOptions: SessionOptions
  private let preprocessor: Preprocessor
  /// Methods that cannot explain this network are left out, with a warning, instead of ending the program.
  private let skipsWhatFails: Bool
  /// Kept from frame to frame when there is only one.
  private var single: Explainer?
  /// A picture that has been read already.
  var first: Frame?

  init(_ arguments: ParsedArguments, model: Model, format: FrameFormat) throws {
    self.model = model
    let names = arguments[ExplainCommand.method]
    skipsWhatFails = names.contains("all")
    methods = skipsWhatFails ? MethodTable.all : try names.map(MethodTable.method)
    targets = try arguments[SaliencyArguments.target].map { try NamedTarget($0, of: model) }
    let named = try chooseLayers(arguments[ExplainCommand.layer], in: model.graph).map(\.value)
    layers = named.isEmpty ? .automatic : .named(named)
    options = SaliencyArguments.numbers(arguments)
    sessionOptions = EngineArguments.session(arguments)
    network = try ExplainedNetwork(model.graph, output: model.outputIndex)
    session = try Session(graph: model.graph, options: sessionOptions)
    preprocessor = try Preprocessor(format: format, transform: model.transform)
    if skipsWhatFails { methods = try methods.filter { try works($0) } }
  }

  /// Where the network's input lies on the picture.
  var placement: InputPlacement { preprocessor.placement }

  /// Loads the picture as the network's input.
  func load(_ frame: Frame) {
    if let input = session.inputs[0].view.floats.baseAddress { preprocessor.fill(frame, into: input) }
  }

  /// For each target the maps of all methods.
  func explain(_ frame: Frame) throws -> [[ExplainedMap]] {
    load(frame)
    return try targets.map { target in try methods.map { try explain(target, $0) } }
  }

  /// A method made for a target, with the session prepared for it.
  func explainer(
    _ target: NamedTarget, _ method: any SaliencyMethod.Type, of other: ExplainedNetwork? = nil,
    in session: Session? = nil
  ) throws -> Explainer {
    let layers = method.info.looksAtLayer ? layers : .automatic
    return try Explainer(
      method, of: other ?? network, in: session ?? self.session, target: target.target, layers: layers,
      options: options,
      sessionOptions: sessionOptions)
  }

  private func works(_ method: any SaliencyMethod.Type) throws -> Bool {
    do {
      _ = try explainer(targets[0], method)
      return true
    } catch {
      Log.warning("\(method.info.name) is left out: \(error)")
      return false
    }
  }

  private func explain(_ target: NamedTarget, _ method: any SaliencyMethod.Type) throws -> ExplainedMap {
    let (clock, isAlone) = (SystemTime(), targets.count * methods.count == 1)
    let explainer = try single ?? explainer(target, method)
    if isAlone { single = explainer }
    let start = clock.now()
    try session.run()
    let probability = probability(target)
    try explainer.explain()
    Log.debug("\(method.info.name): \(String(format: "%.1f", clock.now().seconds(since: start) * 1e3)) ms")
    let map = explainer.map
    var steadiness = Steadiness()
    // Maps of single pixels have few that are far brighter than the rest.
    if method.info.isFine { steadiness.clipped = 0.02 }
    let shown = ShownMap(
      height: map.height, width: map.width, isSigned: method.info.isSigned, steadiness: steadiness)
    shown.show(map, after: nil)
    return ExplainedMap(
      method: method.info, raw: Tensor(Array(map.values), [map.height, map.width]),
      shown: Tensor(Array(shown.values), [map.height, map.width]), peak: shown.peak,
      target: target.name(explainer.choice, model.labels), score: explainer.score,
      probability: probability(explainer.choice), note: explainer.note)
  }

  /// After a run on the picture: the probability of each class.
  private func probability(_ target: NamedTarget) -> (TargetChoice) -> Float? {
    let scores = UnsafeBufferPointer(session.outputs[model.outputIndex].view.floats)
    var ranking = TopK(scores.count)
    ranking.rank(scores, activation: model.activation)
    let isKnown = model.scoresAreProbabilities
    return { choice in
      guard case .classes(let index, nil) = choice, isKnown else { return nil }
      return ranking.entries.first { $0.index == index }?.probability
    }
  }
}
