/// Grad-CAM++: Chattopadhay, Sarkar, Howlader, Balasubramanian 2018, equations 7 and 19: the weight of a channel is
/// Σ α · ReLU(g), with α = g² / (2 g² + g³ Σ A).
final class GradCAMPlusPlus: SaliencyMethod {
  static let info = MethodInfo(
    "grad-cam++", "Grad-CAM++", "Grad-CAM with more weight for places that matter by themselves",
    paper: "Chattopadhay et al. 2018, eq. 7, 19", needs: [.activations, .gradients], cost: "1 + end of backward")

  private let gradients: LayerGradients
  private let weights: FloatBuffer
  private static let epsilon: Float = 1e-6

  init(_ setup: MethodSetup) throws {
    gradients = try LayerGradients(setup)
    weights = FloatBuffer(setup.channels)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let (features, gradient) = try gradients.compute(run, layer)
    for k in 0..<features.channels {
      let (sum, slopes) = (features.sum(k), gradient.channel(k))
      var weight: Float = 0
      for i in 0..<features.area where slopes[i] > 0 {
        let g = slopes[i]
        weight += g * (g * g / (2 * g * g + sum * g * g * g + Self.epsilon))
      }
      weights[k] = weight
    }
    map.sum(features, weights: weights)
    map.rectify()
  }
}
