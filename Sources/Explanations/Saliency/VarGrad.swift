/// VarGrad: Adebayo, Gilmer, Goodfellow, Kim 2018, "Local explanation methods for deep neural networks lack sensitivity to
/// parameter values", equation 3: the variance of the gradient over noisy copies of the picture; the mean over the planes.
final class VarGrad: SaliencyMethod {
  static let info = MethodInfo(
    "vargrad", "VarGrad", "how much the gradient varies between noisy copies of the picture",
    paper: "Adebayo et al. 2018, eq. 3", needs: [.gradients, .runs], cost: "1 + 2.4 N", isFine: true)

  private let noisy: NoisyGradients

  init(_ setup: MethodSetup) throws { noisy = try NoisyGradients(setup) }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try noisy.collect(run)
    let (extent, gain) = (run.network.inputExtent, 1 / Float(noisy.samples))
    let area = extent.height * extent.width
    map.clear()
    for i in 0..<extent.channels * area {
      let mean = noisy.sum[i] * gain
      map.values[i % area] += max(noisy.squares[i] * gain - mean * mean, 0) / Float(extent.channels)
    }
  }
}
