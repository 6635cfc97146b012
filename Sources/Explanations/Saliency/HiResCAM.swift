/// HiResCAM: Draelos and Carin 2020, "Use HiResCAM instead of Grad-CAM", equation 3: M = ReLU(Σ_k g_k ⊙ A_k): gradients are
/// not averaged. Where a global mean and one linear layer follow, it is Grad-CAM's map.
final class HiResCAM: SaliencyMethod {
  static let info = MethodInfo(
    "hirescam", "HiResCAM", "gradient times activation, place by place", paper: "Draelos and Carin 2020, eq. 3",
    needs: [.activations, .gradients], cost: "1 + end of backward")

  private let gradients: LayerGradients

  init(_ setup: MethodSetup) throws { gradients = try LayerGradients(setup) }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let (features, gradient) = try gradients.compute(run, layer)
    map.clear()
    for k in 0..<features.channels {
      let (values, slopes) = (features.channel(k), gradient.channel(k))
      for i in 0..<features.area { map.values[i] += slopes[i] * values[i] }
    }
    map.rectify()
  }
}
