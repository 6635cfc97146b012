/// XGrad-CAM: Fu, Hu, Dong, Guo, Gao, Li 2020, "Axiom-based Grad-CAM", equation 8: the weight of a channel is Σ g A / Σ A.
final class XGradCAM: SaliencyMethod {
  static let info = MethodInfo(
    "xgrad-cam", "XGrad-CAM", "Grad-CAM with gradients averaged where the channel is active",
    paper: "Fu et al. 2020, eq. 8", needs: [.activations, .gradients], cost: "1 + end of backward")

  private let gradients: LayerGradients
  private let weights: FloatBuffer
  private static let epsilon: Float = 1e-7

  init(_ setup: MethodSetup) throws {
    gradients = try LayerGradients(setup)
    weights = FloatBuffer(setup.channels)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let (features, gradient) = try gradients.compute(run, layer)
    for k in 0..<features.channels {
      let (values, slopes) = (features.channel(k), gradient.channel(k))
      weights[k] = dot(slopes, values, features.area) / (features.sum(k) + Self.epsilon)
    }
    map.sum(features, weights: weights)
    map.rectify()
  }
}
