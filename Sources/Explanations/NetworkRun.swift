import Foundation
import Inference
import Tensors

/// A network that has run on a picture, for methods to read and to run again.
package final class NetworkRun {
  /// The network.
  package let network: ExplainedNetwork
  /// What the target turned out to be.
  package internal(set) var choice: TargetChoice
  /// The input's memory: what the next run sees.
  let input: UnsafeMutableBufferPointer<Float>
  /// The picture itself, as it was before methods changed the input.
  let picture: FloatBuffer
  /// The network has run on something else than the picture since.
  private(set) var isDisturbed = false
  private let session: Session
  private let target: TensorView
  private let scores: TensorView
  private let layers: [TensorView]
  /// For each request, what `backward` starts from.
  private let seeds: [TensorView]

  /// - Parameters:
  ///   - session: keeps the target, the scores and the layers for reading.
  ///   - requests: how many gradients it computes.
  init(_ session: Session, _ network: ExplainedNetwork, target: String, layers: [String], requests: Int) {
    self.network = network
    self.session = session
    guard let value = session.tap(target), let scores = session.tap(network.scores) else {
      preconditionFailure("the session keeps the target")
    }
    (self.target, self.scores) = (value, scores)
    self.layers = layers.compactMap { session.tap($0) }
    precondition(self.layers.count == layers.count, "the session keeps the layers")
    seeds = (0..<requests).map { session.seed($0)[0] }
    input = session.inputs[0].view.floats
    picture = FloatBuffer(input.count)
    choice = .classes(0, minus: nil)
  }

  /// The values of a layer.
  func activations(_ layer: Int) -> Features { Features(layers[layer]) }

  /// The values that the target is a part of.
  var targetValues: UnsafeBufferPointer<Float> { UnsafeBufferPointer(target.floats) }

  /// A value that the method's setup asked to keep.
  func tap(_ name: String) -> TensorView {
    guard let view = session.tap(name) else { preconditionFailure("'\(name)' was not asked for") }
    return view
  }

  /// The target's value now.
  package var score: Float { choice.score(targetValues) }

  /// The probability of the target's class by softmax over all scores; its value where the target is no class.
  package var probability: Float {
    guard case .classes(let index, nil) = choice else { return score }
    let values = scores.floats
    var highest = -Float.infinity
    for value in values { highest = max(highest, value) }
    var sum: Float = 0
    for value in values { sum += exp(value - highest) }
    return exp(values[index] - highest) / sum
  }

  /// Computes the gradients of a request where the network stands now.
  /// - Parameter asRelevance: the target's value is handed back rather than its derivative, for relevance propagation.
  func backward(_ request: Int, asRelevance: Bool = false) throws {
    let seed = seeds[request].floats
    choice.seed(seed, from: targetValues)
    if asRelevance {
      for i in seed.indices where seed[i] != 0 { seed[i] *= targetValues[i] }
    }
    try session.runBackward(request)
  }

  /// The gradient by a layer, after `backward`.
  func gradient(_ request: Int, _ name: String) -> Features {
    guard let view = session.gradient(request, name) else { preconditionFailure("'\(name)' was asked for") }
    return Features(view)
  }

  /// The gradient by the input, after `backward`.
  func inputGradient(_ request: Int) -> Features { gradient(request, network.input) }

  /// Runs the network on what the input holds.
  func forward() throws {
    isDisturbed = true
    try session.run()
  }

  /// Remembers the picture that the network has just run on.
  func remember() {
    guard let base = input.baseAddress else { return }
    picture.copy(base)
    isDisturbed = false
  }

  /// The picture is the input again, and the values are its own.
  func restore() throws {
    guard isDisturbed else { return }
    restoreInput()
    try session.run()
    isDisturbed = false
  }

  /// The picture is the input again; the values stay what they are.
  func restoreInput() {
    if let base = picture.values.baseAddress { input.baseAddress?.update(from: base, count: input.count) }
  }
}
