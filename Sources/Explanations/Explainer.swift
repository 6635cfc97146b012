import Inference
import Telemetry
import Tensors

/// One method, one target, one network: made once, then a map for each picture.
///
/// `explain` allocates nothing (where the method's further runs do not).
package final class Explainer {
  /// The latest map: of the layer's size for methods that look at one layer, else of the input's.
  package let map: SaliencyMap
  package let method: MethodInfo
  /// The ONNX names of the layers that it looks at; none for methods of the input.
  package let layers: [String]
  /// What the target was for the latest picture.
  package var choice: TargetChoice { run.choice }
  /// The target's value for the latest picture.
  package private(set) var score: Float = 0
  /// What the method has to say about the latest map.
  package var note: String? { maker.note }
  private let maker: any SaliencyMethod
  let run: NetworkRun
  private var chooser: TargetChooser
  private let mean: LayerMean?

  /// Prepares the session: it keeps what the method needs, beside `taps`.
  /// - Parameters:
  ///   - holding: a new top class counts once it has come first in so many pictures in a row.
  ///   - isCancelled: asked before each further run of the network; where it says yes, `explain` throws `CancellationError`.
  /// - Throws: a sentence for a network, a target or a layer that the method cannot explain.
  package init(
    _ method: any SaliencyMethod.Type, of network: ExplainedNetwork, in session: Session, target: Target = .top,
    layers selection: LayerSelection = .automatic, options: MethodOptions = .init(),
    keeping taps: [String] = [], holding: Int = 0, isCancelled: (@Sendable () -> Bool)? = nil
  ) throws {
    self.method = method.info
    chooser = try TargetChooser(target, in: network, holding: holding)
    let layers =
      method.info.looksAtLayer ? try network.layers(selection, before: chooser.value, for: method.info.title) : []
    let setup = MethodSetup(
      network, target: chooser.value, explainsClasses: target.layer == nil, layers: layers,
      areAutomatic: selection == .automatic, options: options, session: session)
    maker = try method.init(setup)
    self.layers = setup.layers
    var kept = taps
    for name in [chooser.value, network.scores] + setup.layers + setup.taps where !kept.contains(name) {
      kept.append(name)
    }
    do {
      try session.setTaps(kept, gradients: setup.gradients)
    } catch let error as InferenceError where !setup.gradients.isEmpty {
      throw UserError(
        "\(method.info.title) cannot explain this network: \(error.description); or use a method that needs no gradient, "
          + "such as eigen-cam or occlusion.")
    }
    let parts =
      setup.regions.isEmpty
      ? nil
      : try RegionSession(
        session, regions: setup.regions, value: chooser.value, channels: setup.explainsClasses ? 2 : nil)
    run = NetworkRun(
      session, network, target: chooser.value, layers: setup.layers, requests: setup.gradients.count, parts: parts,
      isCancelled: isCancelled)
    let extents = method.info.isFine ? setup.extents.map { _ in network.inputExtent } : setup.extents
    mean = extents.count > 1 ? LayerMean(extents, network.inputExtent) : nil
    let extent = extents.count == 1 ? extents[0] : network.inputExtent
    map = SaliencyMap(height: extent.height, width: extent.width)
  }

  /// Fills the map, after the session has run on a picture. Methods that run the network again leave other values in
  /// outputs and taps; the input is the picture again.
  package func explain() throws {
    run.choice = chooser.choose(run.targetValues)
    score = run.score
    run.remember()
    if let mean {
      for layer in layers.indices {
        try run.restore()
        try maker.map(run, layer: layer, into: mean.maps[layer])
      }
      mean.merge(into: map)
    } else {
      try maker.map(run, layer: 0, into: map)
    }
    run.restoreInput()
  }
}

/// The mean of several layers' maps, each scaled to its own maximum and to the input's size.
private final class LayerMean {
  let maps: [SaliencyMap]
  private let resizers: [BilinearResize]
  private let large: FloatBuffer

  init(_ extents: [SpatialExtent], _ input: SpatialExtent) {
    maps = extents.map { SaliencyMap(height: $0.height, width: $0.width) }
    resizers = extents.map {
      BilinearResize(height: $0.height, width: $0.width, toHeight: input.height, toWidth: input.width)
    }
    large = FloatBuffer(input.height * input.width)
  }

  func merge(into map: SaliencyMap) {
    map.clear()
    for (layer, resizer) in zip(maps, resizers) {
      guard let source = layer.values.baseAddress, let target = large.values.baseAddress else { continue }
      layer.rectify()
      let high = layer.range.high
      guard high > 0 else { continue }
      resizer.resize(source, into: target)
      let gain = 1 / (high * Float(maps.count))
      for i in map.values.indices { map.values[i] += large[i] * gain }
    }
  }
}
