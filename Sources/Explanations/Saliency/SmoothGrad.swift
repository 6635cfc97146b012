/// SmoothGrad: Smilkov, Thorat, Kim, Viégas, Wattenberg 2017, equation 1: the gradient, averaged over noisy copies of the
/// picture; of the mean the largest magnitude over the planes, as for the gradient.
final class SmoothGrad: SaliencyMethod {
  static let info = MethodInfo(
    "smoothgrad", "SmoothGrad", "the gradient, averaged over noisy copies of the picture",
    paper: "Smilkov et al. 2017, eq. 1", needs: [.gradients, .runs], cost: "1 + 2.4 N", isFine: true)

  private let noisy: NoisyGradients

  init(_ setup: MethodSetup) throws { noisy = try NoisyGradients(setup) }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try noisy.collect(run)
    let gain = 1 / Float(noisy.samples)
    for i in noisy.sum.values.indices { noisy.sum[i] *= gain }
    map.largest(Features(run.network.inputExtent, UnsafePointer(noisy.sum.start)))
  }
}
