import Foundation

/// Integrated Gradients: Sundararajan, Taly, Yan 2017, equation 3, by the midpoint rule:
/// M = Σ_c x_c · (1/N) Σ_k ∂S/∂x_c at x (k + ½) / N. The baseline is 0, the mean colour once a picture is normalised.
///
/// Completeness (proposition 1): the map sums to the score's rise from the baseline to the picture.
final class IntegratedGradients: SaliencyMethod {
  static let info = MethodInfo(
    "integrated-gradients", "Integrated Gradients", "each pixel's share of the score's rise from an even picture",
    paper: "Sundararajan et al. 2017, eq. 3", needs: [.gradients, .runs], cost: "2 + 2.4 N", isSigned: true,
    isFine: true)

  private let samples: Int, request: Int
  private let sum: FloatBuffer
  private var rise = 0.0
  private var total = 0.0

  init(_ setup: MethodSetup) throws {
    let extent = setup.network.inputExtent
    samples = setup.options.samples
    request = try setup.gradient(withRespectTo: [setup.network.input])
    sum = FloatBuffer(extent.channels * extent.height * extent.width)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let score = Double(run.score)
    sum.values.update(repeating: 0)
    for sample in 0..<samples {
      scale(run, (Float(sample) + 0.5) / Float(samples))
      try run.forward()
      try run.backward(request)
      let (gradient, start, share) = (run.inputGradient(request).values, sum.start, 1 / Float(samples))
      for i in 0..<sum.values.count { start[i] += gradient[i] * share }
    }
    map.clear()
    map.add(Features(run.network.inputExtent, UnsafePointer(sum.start)), times: run.picture)
    scale(run, 0)
    try run.forward()
    (rise, total) = (score - Double(run.score), map.total)
  }

  private func scale(_ run: NetworkRun, _ share: Float) {
    let (input, picture) = (run.input, run.picture.start)
    for i in 0..<input.count { input[i] = picture[i] * share }
  }

  /// How far completeness holds.
  var note: String? {
    let gap = rise == 0 ? 0 : abs(total - rise) / abs(rise) * 100
    return String(
      format: "the map sums to %.4g, the score rises by %.4g from an even picture (%.1f %% apart, %d samples)", total,
      rise, gap, samples)
  }
}
