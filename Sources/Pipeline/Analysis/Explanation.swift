import Explanations
import Frames
import Imaging
import Inference
import Models
import Telemetry
import Tensors

/// Which places of one frame mattered to the network: what a saliency method said, and the same scaled for the eye.
package final class Explanation: @unchecked Sendable {
  // Safety: its maker fills it before another thread has it; afterwards it is only read.

  package let wish: ExplanationWish
  package let method: MethodInfo
  /// ONNX names of the layers that it looked at; none for methods of the input.
  package let layers: [String]
  /// The map as the method made it, [height, width].
  package let raw: Tensor
  /// The map scaled to 0…1, [height, width].
  package let shown: Tensor
  /// The hottest place, as parts 0…1 of the network's input; nil for an empty map.
  package internal(set) var peak: (u: Double, v: Double)?
  /// The area around it that is at least half as hot: left, top, width, height as parts 0…1 of the input; nil for an empty map.
  package internal(set) var box: (u: Double, v: Double, width: Double, height: Double)?
  /// The target for this frame.
  package internal(set) var choice = TargetChoice.norm
  /// The target in words.
  package internal(set) var target = ""
  package internal(set) var score: Float = 0
  /// What the method has to say about the map; nil for nothing.
  package internal(set) var note: String?
  /// How good the map is; nil where the wish did not ask for it.
  package internal(set) var evaluation: MapScores?
  /// The number of the frame that it explains.
  package internal(set) var frame: UInt64 = 0
  /// That frame's time stamp in seconds.
  package internal(set) var seconds: Double?

  init(_ wish: ExplanationWish, method: MethodInfo, layers: [String], height: Int, width: Int) {
    (self.wish, self.method, self.layers) = (wish, method, layers)
    raw = Tensor(.float32, [height, width])
    shown = Tensor(.float32, [height, width])
  }

  /// No place mattered more than another.
  package var isEmpty: Bool { peak == nil }

  /// The layers as one word, joined by `+`.
  package var layer: String { layers.joined(separator: "+") }

  /// The map over a picture.
  package func heat(_ placement: InputPlacement) -> HeatMap {
    HeatMap(
      height: shown.shape[0], width: shown.shape[1], values: UnsafePointer(shown.start), placement: placement,
      peak: peak)
  }
}

extension Tensor {
  /// The first number of a float32 tensor, valid while the tensor lives.
  var start: UnsafeMutablePointer<Float> { view.pointer.assumingMemoryBound(to: Float.self) }
}

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

  /// Says once that a map is empty; reports say so of each.
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
