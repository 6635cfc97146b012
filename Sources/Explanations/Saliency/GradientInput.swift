/// Simonyan, Vedaldi, Zisserman 2013, "Deep inside convolutional networks", section 3.1: M = max_c |∂S/∂x_c|.
final class GradientInput: SaliencyMethod {
  static let info = MethodInfo(
    "gradient", "Gradient", "how much the score changes with each pixel", paper: "Simonyan et al. 2013, sec. 3.1",
    needs: .gradients, cost: "2.4", isFine: true)

  private let request: Int

  init(_ setup: MethodSetup) throws { request = try setup.gradient(withRespectTo: [setup.network.input]) }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try run.backward(request)
    map.largest(run.inputGradient(request))
  }
}
