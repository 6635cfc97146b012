import Telemetry

/// Class activation mapping: Zhou, Khosla, Lapedriza, Oliva, Torralba 2016, "Learning deep features for discriminative
/// localization", equation 2: M = Σ_k w_k A_k, where w_k is the weight of channel k's mean for the class.
///
/// It explains networks that end in a global mean and one linear layer, or in a global mean of one channel per class.
final class CAM: SaliencyMethod {
  static let info = MethodInfo(
    "cam", "CAM", "the channels of the last layer, weighted as the class weights their means",
    paper: "Zhou et al. 2016, eq. 2", needs: .activations, cost: "1", isSigned: true)

  private let head: ClassHead
  private let weights: FloatBuffer

  init(_ setup: MethodSetup) throws {
    guard setup.explainsClasses else {
      throw UserError("CAM explains class scores only; use grad-cam for a channel, a unit or a norm.", .usage)
    }
    guard let head = ClassHead(setup.network) else {
      throw UserError(
        "CAM needs a network that ends in a global mean and one linear layer, which this one does not; grad-cam "
          + "works for any.", .usage)
    }
    guard setup.layersAreAutomatic || setup.layers == [head.layer] else {
      throw UserError(
        "CAM looks at the layer whose means the classes weight, '\(head.layer)'; leave --layer out.", .usage)
    }
    setup.layers = [head.layer]
    (self.head, weights) = (head, FloatBuffer(head.channels))
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    head.weights(of: run.choice, by: 1, into: weights)
    map.sum(run.activations(layer), weights: weights)
  }
}
