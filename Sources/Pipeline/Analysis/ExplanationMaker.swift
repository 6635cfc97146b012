import Explanations
import Frames
import Inference
import Models
import Telemetry
import Tensors

/// Makes one explanation of each picture that a session has seen: a method, a target and how maps follow one another.
final class ExplanationMaker {
  private let wish: ExplanationWish
  private let model: Model
  private let target: NamedTarget
  private let explainer: Explainer
  private let shown: ShownMap
  private var names: [TargetChoice: String] = [:]
  private var before: Double?
  private var hasWarned = false
  private var pool = ReusePool<Explanation>()

  /// Prepares the session: it keeps what the method needs, beside `taps`.
  /// - Throws: a sentence for a method, a target or a layer that the network cannot be explained by.
  init(
    _ wish: ExplanationWish, of model: Model, _ network: ExplainedNetwork, in session: Session,
    keeping taps: [String] = [], isCancelled: (@Sendable () -> Bool)? = nil
  ) throws {
    (self.wish, self.model) = (wish, model)
    target = try NamedTarget(wish.target, of: model)
    let method = try MethodTable.method(named: wish.method)
    explainer = try Explainer(
      method, of: network, in: session, target: target.target,
      layers: wish.layers.isEmpty || !method.info.looksAtLayer ? .automatic : .named(wish.layers),
      options: wish.options, keeping: taps, holding: wish.hold, isCancelled: isCancelled)
    var steadiness = wish.steadiness
    // Maps of single pixels have few that are far brighter than the rest.
    if method.info.isFine { steadiness.clipped = max(steadiness.clipped, 0.02) }
    shown = ShownMap(
      height: explainer.map.height, width: explainer.map.width, isSigned: method.info.isSigned, steadiness: steadiness)
  }

  /// The explanation of a frame, after the session has run on it. Methods that run the network again leave other values in the
  /// session, but the input as it was.
  func make(frame: UInt64, seconds: Double?) throws -> Explanation {
    try explainer.explain()
    let explanation = pool.take {
      Explanation(
        wish, method: explainer.method, layers: explainer.layers, height: shown.height, width: shown.width)
    }
    // A jump in time is a new scene.
    let passed = seconds.flatMap { now in before.map { now - $0 } }.flatMap { (0...2).contains($0) ? $0 : nil }
    before = seconds
    shown.show(explainer.map, after: passed)
    copy(explainer.map.values, to: explanation.raw)
    copy(shown.values, to: explanation.shown)
    (explanation.peak, explanation.box) = (shown.peak, shown.box)
    (explanation.choice, explanation.score) = (explainer.choice, explainer.score)
    (explanation.target, explanation.note) = (name(explainer.choice), explainer.note)
    (explanation.frame, explanation.seconds) = (frame, seconds)
    if explanation.isEmpty { warn(explanation) }
    explanation.evaluation = wish.isEvaluated ? try explainer.scores() : nil
    return explanation
  }

  /// Says once that a map is empty; the others are counted by who reads the reports.
  private func warn(_ explanation: Explanation) {
    guard !hasWarned else { return }
    hasWarned = true
    Log.warning(
      "\(explanation.method.name) finds no place in frame \(explanation.frame) that speaks for \(explanation.target): the map "
        + "is the same everywhere, so it has no peak and no box. Another method, layer or target may tell more.")
  }

  private func copy(_ values: UnsafeMutableBufferPointer<Float>, to tensor: Tensor) {
    if let source = values.baseAddress { tensor.start.update(from: source, count: values.count) }
  }

  private func name(_ choice: TargetChoice) -> String {
    if let known = names[choice] { return known }
    let name = target.name(choice, model.labels)
    names[choice] = name
    return name
  }
}
