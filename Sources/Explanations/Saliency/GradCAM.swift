/// Grad-CAM: Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, equations 1 and 2: M = ReLU(Σ_k w_k A_k), w_k the mean
/// of ∂S/∂A_k over all positions. Where a global mean and one linear layer follow, it is CAM's map, and the weights are known
/// without a backward pass: those of the class, by the number of positions.
final class GradCAM: SaliencyMethod {
  static let info = MethodInfo(
    "grad-cam", "Grad-CAM", "the channels of a layer, weighted by the mean of their gradients",
    paper: "Selvaraju et al. 2017, eq. 1-2", needs: [.activations, .gradients], cost: "1 + end of backward")

  private let gradients: LayerGradients?
  private let head: ClassHead?
  private let weights: FloatBuffer

  init(_ setup: MethodSetup) throws {
    let head = setup.explainsClasses ? ClassHead(setup.network) : nil
    self.head = setup.layers == (head.map { [$0.layer] } ?? []) ? head : nil
    gradients = self.head == nil ? try LayerGradients(setup, sumsPositions: true) : nil
    weights = FloatBuffer(setup.channels)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let features = run.activations(layer)
    if let gradients {
      let slopes = try gradients.compute(run, layer).gradient
      for k in 0..<features.channels {
        weights[k] = (gradients.areSums ? slopes.channel(k)[0] : slopes.sum(k)) / Float(features.area)
      }
    } else if let head {
      head.weights(of: run.choice, by: Float(features.area), into: weights)
    }
    map.sum(features, weights: weights)
    map.rectify()
  }
}
