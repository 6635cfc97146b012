import Inference
import Telemetry
import Tensors

/// What a method declares about itself while it is made.
package final class MethodSetup {
  /// The network.
  package let network: ExplainedNetwork
  /// The ONNX name of the value that the target is a part of.
  package let target: String
  /// The target is about class scores.
  package let explainsClasses: Bool
  /// The numbers that the method leaves open.
  package let options: MethodOptions
  /// How the session computes, for methods that need a part of the network of their own.
  package let session: SessionOptions
  /// The ONNX names of the layers that the method looks at; none for methods of the input.
  package internal(set) var layers: [String]
  /// The layers were chosen by nobody.
  let layersAreAutomatic: Bool
  /// The ONNX names of all values to keep for reading.
  private(set) var taps: [String] = []

  init(
    _ network: ExplainedNetwork, target: String, explainsClasses: Bool, layers: [String], areAutomatic: Bool,
    options: MethodOptions, session: SessionOptions
  ) {
    (self.network, self.target, self.explainsClasses, self.layers) = (network, target, explainsClasses, layers)
    (layersAreAutomatic, self.options, self.session) = (areAutomatic, options, session)
  }

  /// The extents of the layers.
  var extents: [SpatialExtent] { layers.compactMap { network.extent(of: $0) } }

  /// The most channels that one of the layers has.
  var channels: Int { extents.map(\.channels).max() ?? 0 }

  /// Keeps a value for reading.
  func tap(_ name: String) {
    if !taps.contains(name) { taps.append(name) }
  }
}
