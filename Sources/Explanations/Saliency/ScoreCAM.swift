import Tensors

/// Score-CAM: Wang, Wang, Du, Yang, Zhang, Ding, Mardziel, Hu 2020, equations 5 to 8: each channel, scaled to 0…1 and to the
/// picture's size, masks the picture; the softmax of the scores that the masked pictures get weights the channels.
final class ScoreCAM: SaliencyMethod {
  static let info = MethodInfo(
    "score-cam", "Score-CAM", "channels weighted by the score of the picture seen through each of them",
    paper: "Wang et al. 2020, eq. 5-8", needs: [.activations, .runs], cost: "1 + C")

  private let scores: FloatBuffer
  private let copies: [FloatBuffer]
  private let resizers: [BilinearResize]
  private let mask: FloatBuffer
  private let extents: [SpatialExtent]

  init(_ setup: MethodSetup) throws {
    let input = setup.network.inputExtent
    extents = setup.extents
    scores = FloatBuffer(setup.channels)
    copies = extents.map { FloatBuffer($0.channels * $0.height * $0.width) }
    resizers = extents.map {
      BilinearResize(height: $0.height, width: $0.width, toHeight: input.height, toWidth: input.width)
    }
    mask = FloatBuffer(input.height * input.width)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let extent = extents[layer]
    copies[layer].copy(run.activations(layer).values)
    let features = Features(extent, UnsafePointer(copies[layer].values.baseAddress!))
    for k in 0..<features.channels {
      makeMask(features.channel(k), resizers[layer])
      apply(run)
      try run.forward()
      scores[k] = run.score
    }
    softmax(features.channels)
    map.sum(features, weights: scores)
    map.rectify()
  }

  private func makeMask(_ channel: UnsafePointer<Float>, _ resizer: BilinearResize) {
    guard let base = mask.values.baseAddress else { return }
    resizer.resize(channel, into: base)
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in mask.values { (low, high) = (min(low, value), max(high, value)) }
    let gain = 1 / (high - low + 1e-8)
    for i in mask.values.indices { mask[i] = (mask[i] - low) * gain }
  }

  private func apply(_ run: NetworkRun) {
    let area = mask.values.count
    for start in stride(from: 0, to: run.input.count, by: area) {
      for i in 0..<area { run.input[start + i] = run.picture[start + i] * mask[i] }
    }
  }

  private func softmax(_ count: Int) {
    let values = scores.values[..<count]
    let softmax = Softmax(UnsafeBufferPointer(rebasing: values))
    for k in 0..<count { scores[k] = softmax.probability(of: scores[k]) }
  }
}
