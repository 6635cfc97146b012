import Explanations
import Foundation
import Inference
import ONNX
import Telemetry
import TestSupport
import Tensors

/// A small network of the fixtures with its picture loaded, and the maps that other programs made for it.
struct Reference {
  let network: ExplainedNetwork
  let session: Session
  let maps: NpzReader

  init(_ name: String, withoutBiases: Bool = false) throws {
    let folder = TestData.root.appendingPathComponent("Tests/ExplanationsTests/Fixtures")
    var graph = try importModel(at: folder.appendingPathComponent("\(name).onnx").path).graph
    if withoutBiases {
      for index in graph.values.indices where graph.values[index].name.hasSuffix(".bias") {
        guard let bias = graph.values[index].constant else { continue }
        graph.values[index].constant = Tensor(.float32, bias.shape)
      }
    }
    graph = try graph.specialized(inputs: [:])
    network = try ExplainedNetwork(graph)
    session = try CompiledNetwork(graph, options: Self.options).session()
    maps = try NpzReader(folder.appendingPathComponent("\(name).npz").path)
    try loadPicture()
  }

  static var options: NetworkOptions { NetworkOptions(threads: 1) }

  func loadPicture() throws {
    let picture = try maps.tensor("picture")
    session.inputs[0].view.floats.baseAddress?.update(
      from: picture.view.floats.baseAddress!, count: picture.shape.count)
  }

  /// The options that the fixture script used.
  static var methodOptions: MethodOptions {
    var options = MethodOptions()
    (options.samples, options.masks, options.cells, options.patch, options.stride) = (8, 40, 5, 6, 4)
    return options
  }

  func explainer(
    _ name: String, target: Target = .top, layers: LayerSelection = .named(["relu3"]),
    options: MethodOptions = Reference.methodOptions
  ) throws -> Explainer {
    try Explainer(
      MethodTable.method(named: name), of: network, in: session, target: target, layers: layers, options: options)
  }

  /// The map of the fixture's picture.
  func map(
    _ name: String, target: Target = .top, layers: LayerSelection = .named(["relu3"]),
    options: MethodOptions = Reference.methodOptions
  ) throws -> [Float] {
    let layers = name == "cam" ? .automatic : layers
    let explainer = try explainer(name, target: target, layers: layers, options: options)
    try session.run()
    try explainer.explain()
    return Array(explainer.map.values)
  }
}

/// The largest difference, as a share of what `expected` spans.
func difference(_ actual: [Float], _ expected: [Float]) -> Float {
  guard actual.count == expected.count, let low = expected.min(), let high = expected.max(), high > low else {
    return .infinity
  }
  return zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / (high - low)
}

extension Tensor {
  var array: [Float] { Array(view.floats) }
}

/// The sentence of the error that `body` throws.
func complaint(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}
