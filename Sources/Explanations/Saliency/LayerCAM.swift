/// LayerCAM: Jiang, Zhang, Hou, Cheng, Wei 2021, equations 5 to 7: M = ReLU(Σ_k ReLU(g_k) ⊙ A_k), of use at early layers too.
final class LayerCAM: SaliencyMethod {
  static let info = MethodInfo(
    "layer-cam", "LayerCAM", "activation times what is positive of the gradient, place by place",
    paper: "Jiang et al. 2021, eq. 5-7", needs: [.activations, .gradients], cost: "1 + end of backward")

  private let gradients: LayerGradients

  init(_ setup: MethodSetup) throws { gradients = try LayerGradients(setup) }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let (features, gradient) = try gradients.compute(run, layer)
    map.clear()
    for k in 0..<features.channels {
      let (values, slopes) = (features.channel(k), gradient.channel(k))
      for i in 0..<features.area where slopes[i] > 0 { map.values[i] += slopes[i] * values[i] }
    }
    map.rectify()
  }
}
