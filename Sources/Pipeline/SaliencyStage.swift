import Explanations
import Frames
import Imaging
import Models
import Tensors

/// What a saliency method said about one frame, scaled for the eye.
package final class SaliencyResult: @unchecked Sendable {
  // Safety: travels with its slot; one thread at a time holds it.

  /// Rows of the map.
  package let height: Int
  /// Columns of the map.
  package let width: Int
  /// 0…1, row-major.
  package let values: TensorView
  /// The hottest place, as parts 0…1 of the network's input.
  package internal(set) var peak: (u: Double, v: Double) = (0, 0)
  /// The area around it: left, top, width, height as parts 0…1 of the input.
  package internal(set) var box: (u: Double, v: Double, width: Double, height: Double) = (0, 0, 0, 0)
  /// What was explained, as users know it.
  package internal(set) var target = ""
  private let storage: Tensor

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    storage = Tensor(.float32, [height, width])
    values = storage.view
  }
}

/// Explains frames after the network has seen them.
package final class SaliencyStage: @unchecked Sendable {
  // Safety: `explain` is called from the conveyor's analysis thread only, once that runs.

  /// The method's name.
  package let method: String
  /// The layers' names, joined by `+`; empty for methods of the input.
  package let layer: String
  private let explainer: Explainer
  private let shown: ShownMap
  private let names: (TargetChoice) -> String
  private var labels: [TargetChoice: String] = [:]
  private var before: Double?

  /// - Parameters:
  ///   - explainer: made for the session that sees the frames.
  ///   - target: what users call what was explained.
  package init(_ explainer: Explainer, steadiness: Steadiness, target: @escaping (TargetChoice) -> String) {
    self.explainer = explainer
    (method, layer) = (explainer.method.name, explainer.layers.joined(separator: "+"))
    shown = ShownMap(
      height: explainer.map.height, width: explainer.map.width, isSigned: explainer.method.isSigned,
      steadiness: steadiness)
    names = target
  }

  /// Room for a result.
  package func makeResult() -> SaliencyResult { SaliencyResult(height: shown.height, width: shown.width) }

  /// Fills the result after the session has run on the frame.
  package func explain(_ frame: Frame, into result: SaliencyResult) throws {
    try explainer.explain()
    let seconds = frame.seconds
    // A jump in time is a new scene.
    let passed = seconds.flatMap { now in before.map { now - $0 } }.flatMap { (0...2).contains($0) ? $0 : nil }
    before = seconds
    shown.show(explainer.map, after: passed)
    (result.peak, result.box) = (shown.peak, shown.box)
    result.target = name(explainer.choice)
    if let source = shown.values.baseAddress {
      result.values.floats.baseAddress?.update(from: source, count: shown.values.count)
    }
  }

  private func name(_ choice: TargetChoice) -> String {
    if let known = labels[choice] { return known }
    let name = names(choice)
    labels[choice] = name
    return name
  }
}
