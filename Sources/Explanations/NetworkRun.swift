import Inference
import Tensors

/// A network that has run on a picture, for methods to read and to run again.
package final class NetworkRun {
  package let network: ExplainedNetwork
  /// The target that was chosen for the latest picture.
  package internal(set) var choice: TargetChoice
  /// The input's memory: what the next run sees.
  let input: UnsafeMutableBufferPointer<Float>
  /// The picture itself, as it was before methods changed the input.
  let picture: FloatBuffer
  /// True when the network has last run on something other than the picture.
  private(set) var isDisturbed = false
  private let session: Session
  /// Runs of which only a region of the picture is new; nil where the method asked for none.
  private let parts: RegionSession?
  private let target: TensorView, scores: TensorView
  private let layers: [LayerView]
  private let gradientBuffers: [String: (layout: LayerLayout, buffer: FloatBuffer)]
  /// For each request, what `backward` starts from.
  private let seeds: [TensorView]
  private let isCancelled: (@Sendable () -> Bool)?

  /// - Parameters:
  ///   - session: keeps the target, the scores and the layers for reading.
  ///   - requests: how many gradients it computes.
  ///   - parts: computes the target for changes of regions.
  init(
    _ session: Session, _ network: ExplainedNetwork, target: String, layers: [String], requests: Int,
    parts: RegionSession? = nil, isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    (self.network, self.isCancelled) = (network, isCancelled)
    (self.session, self.parts) = (session, parts)
    guard let value = session.tap(target), let scores = session.tap(network.scores) else {
      preconditionFailure("the session keeps the target")
    }
    (self.target, self.scores) = (value, scores)
    self.layers = layers.compactMap { name in
      session.tap(name).map { LayerView($0, network.layout(of: name) ?? LayerLayout(planar: SpatialExtent($0.shape))) }
    }
    let others = layers.compactMap { name in network.layout(of: name).map { (name, $0) } }.filter { !$0.1.isPlanar }
    gradientBuffers = Dictionary(others.map { ($0, (layout: $1, buffer: FloatBuffer($1.count))) }) { first, _ in first }
    precondition(self.layers.count == layers.count, "the session keeps the layers")
    seeds = (0..<requests).map { session.seed($0)[0] }
    input = session.inputs[0].view.floats
    picture = FloatBuffer(input.count)
    choice = .classes(0, minus: nil)
  }

  /// A layer's values as channels of rows, whatever the order of its axes.
  func activations(_ layer: Int) -> Features { layers[layer].features }

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
    let values = UnsafeBufferPointer(scores.floats)
    return Softmax(values).probability(of: values[index])
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

  /// A gradient as channels of rows; of a layer whose axes have another order it must be whole, not the sums over positions.
  func gradient(_ request: Int, _ name: String) -> Features {
    guard let view = session.gradient(request, name) else { preconditionFailure("'\(name)' was asked for") }
    guard let (layout, buffer) = gradientBuffers[name] else { return Features(view) }
    layout.gather(view.pointer.assumingMemoryBound(to: Float.self), into: buffer.start)
    return Features(layout.extent, UnsafePointer(buffer.start))
  }

  func inputGradient(_ request: Int) -> Features { gradient(request, network.input) }

  /// The target's value for each of the regions that the method asked for, when the region shows another picture and all else is as
  /// it was. The values that the network has computed stay.
  /// - Parameters:
  ///   - other: of the input's size.
  ///   - take: is given the region's number and the target's value.
  func changeRegions(to other: FloatBuffer, _ take: (Int, Float) -> Void) throws {
    guard let parts, let source = other.values.baseAddress else { return }
    try parts.remember()
    guard case .classes(let index, let other) = choice else {
      return parts.run(changingTo: source) { take($0, choice.score($1)) }
    }
    parts.choose(0, index)
    parts.choose(1, other ?? index)
    parts.run(changingTo: source) { take($0, other == nil ? $1[0] : $1[0] - $1[1]) }
  }

  /// Multiply-adds of the whole network, and of what is computed for a changed region.
  var multiplyAdds: (whole: Int, region: Int)? { parts?.multiplyAdds }

  /// Runs the network on what the input holds.
  /// - Throws: `CancellationError` when the explanation is not wanted any more.
  func forward() throws {
    if isCancelled?() == true { throw CancellationError() }
    isDisturbed = true
    try session.run()
  }

  /// Remembers the picture that the network has just run on.
  func remember() {
    guard let base = input.baseAddress else { return }
    picture.copy(base)
    isDisturbed = false
  }

  /// Makes the picture the input again and, where the network has run on something else, computes the picture's values.
  func restore() throws {
    guard isDisturbed else { return }
    restoreInput()
    try session.run()
    isDisturbed = false
  }

  /// Makes the picture the input again, and leaves the values as they are.
  func restoreInput() {
    if let base = picture.values.baseAddress { input.baseAddress?.update(from: base, count: input.count) }
  }
}

/// A layer's values where the session keeps them, and room for them in the order that methods read.
private struct LayerView {
  private let view: TensorView
  private let layout: LayerLayout
  private let buffer: FloatBuffer?

  init(_ view: TensorView, _ layout: LayerLayout) {
    (self.view, self.layout) = (view, layout)
    buffer = layout.isPlanar ? nil : FloatBuffer(layout.count)
  }

  var features: Features {
    let values = view.pointer.assumingMemoryBound(to: Float.self)
    guard let buffer else { return Features(layout.extent, values) }
    layout.gather(values, into: buffer.start)
    return Features(layout.extent, UnsafePointer(buffer.start))
  }
}
