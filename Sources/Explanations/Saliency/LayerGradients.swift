/// The values of the chosen layers, and how the target changes with them: what the methods of the CAM family share.
final class LayerGradients {
  private let request: Int
  private let layers: [String]

  /// - Parameter sumsPositions: of the gradients only the sum over each channel's positions is wanted.
  init(_ setup: MethodSetup, sumsPositions: Bool = false) throws {
    layers = setup.layers
    request = try setup.gradient(withRespectTo: layers, sumsPositions: sumsPositions)
  }

  /// A layer's values and their gradient, after a run on the picture.
  func compute(_ run: NetworkRun, _ layer: Int) throws -> (features: Features, gradient: Features) {
    // One backward pass serves all layers.
    if layer == 0 { try run.backward(request) }
    return (run.activations(layer), run.gradient(request, layers[layer]))
  }
}
