/// The values of the chosen layers, and how the target changes with them: what the methods of the CAM family share.
final class LayerGradients {
  private let request: Int
  private let layers: [String]

  /// The gradients are sums over each channel's positions.
  let areSums: Bool

  /// - Parameter sumsPositions: of the gradients only the sum over each channel's positions is wanted; where a layer's axes have
  ///   another order than [1, C, H, W] they are whole nevertheless.
  init(_ setup: MethodSetup, sumsPositions wanted: Bool = false) throws {
    layers = setup.layers
    let sumsPositions = wanted && layers.allSatisfy { setup.network.layout(of: $0)?.isPlanar ?? true }
    areSums = sumsPositions
    request = try setup.gradient(withRespectTo: layers, sumsPositions: sumsPositions)
  }

  /// A layer's values and their gradient, after a run on the picture.
  func compute(_ run: NetworkRun, _ layer: Int) throws -> (features: Features, gradient: Features) {
    // One backward pass serves all layers.
    if layer == 0 { try run.backward(request) }
    return (run.activations(layer), run.gradient(request, layers[layer]))
  }
}
