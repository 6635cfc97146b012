import Inference
import Telemetry
import Tensors

/// What a method declares while it is made: the values, gradients and runs that it needs.
package final class MethodSetup {
  package let network: ExplainedNetwork
  /// The ONNX name of the value that the target is a part of.
  package let target: String
  /// The target is about class scores.
  package let explainsClasses: Bool
  /// The parameters that the user may set.
  package let options: MethodOptions
  /// The session that runs on the pictures. A method that needs a part of the network makes a session of that part, with the same threads.
  let session: Session
  /// The ONNX names of the layers that the method looks at; none for methods of the input.
  package internal(set) var layers: [String]
  /// True when the caller named no layers.
  let layersAreAutomatic: Bool
  /// The ONNX names of all values to keep for reading.
  private(set) var taps: [String] = []
  /// The gradients that the session is to compute.
  private(set) var gradients: [GradientRequest] = []
  /// The regions of the picture that the method is going to change, one at a time.
  private(set) var regions: [MapRegion] = []

  init(
    _ network: ExplainedNetwork, target: String, explainsClasses: Bool, layers: [String], areAutomatic: Bool,
    options: MethodOptions, session: Session
  ) {
    (self.network, self.target, self.explainsClasses, self.layers) = (network, target, explainsClasses, layers)
    (layersAreAutomatic, self.options, self.session) = (areAutomatic, options, session)
  }

  var extents: [SpatialExtent] { layers.compactMap { network.layout(of: $0)?.extent } }

  /// The most channels that one of the layers has.
  var channels: Int { extents.map(\.channels).max() ?? 0 }

  /// Asks for the target's derivative by these values, or for its sums over positions; returns the request's number.
  func gradient(
    withRespectTo names: [String], rule: GradientRule = .standard, sumsPositions: Bool = false
  ) throws -> Int {
    for name in names where name != network.input && !network.value(target, dependsOn: name) {
      throw UserError("the target does not depend on layer '\(name)'; name an earlier layer.", .usage)
    }
    let request = GradientRequest(of: [target], withRespectTo: names, rule: rule, sumsPositions: sumsPositions)
    if let index = gradients.firstIndex(of: request) { return index }
    gradients.append(request)
    return gradients.count - 1
  }

  /// Asks for runs in which one of these regions shows something else.
  func change(_ regions: [MapRegion]) { self.regions = regions }

  /// Keeps a value for reading.
  func tap(_ name: String) {
    if !taps.contains(name) { taps.append(name) }
  }
}
