import Inference
import Telemetry

/// Ablation-CAM: Desai and Ramaswamy 2020, equation 4: the weight of a channel is the share of the score that is lost when
/// its values are 0. Only what follows the layer is computed again.
final class AblationCAM: SaliencyMethod {
  static let info = MethodInfo(
    "ablation-cam", "Ablation-CAM", "channels weighted by the share of the score that is lost without each of them",
    paper: "Desai and Ramaswamy 2020, eq. 4", needs: [.activations, .runs], cost: "1 + C ends")

  private let tails: [NetworkTail]
  private let weights: FloatBuffer

  init(_ setup: MethodSetup) throws {
    tails = try setup.layers.map { try NetworkTail($0, to: setup.target, of: setup.network, setup.session) }
    for tail in tails { for name in tail.inputs { setup.tap(name) } }
    weights = FloatBuffer(setup.channels)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let (tail, features) = (tails[layer], run.activations(layer))
    tail.load(run)
    let score = try tail.score(run.choice)
    for k in 0..<features.channels {
      tail.setChannel(k, nil)
      weights[k] = (score - (try tail.score(run.choice))) / score
      if !weights[k].isFinite { weights[k] = 0 }
      tail.setChannel(k, features.channel(k))
    }
    map.sum(features, weights: weights)
    map.rectify()
  }
}
