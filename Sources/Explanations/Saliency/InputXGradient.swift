/// Shrikumar, Greenside, Shcherbina, Kundaje 2016, "Not just a black box", section 2: M = Σ_c x_c · ∂S/∂x_c.
final class InputXGradient: SaliencyMethod {
  static let info = MethodInfo(
    "input-x-gradient", "Input × gradient", "each pixel's share of the score, if the network were linear",
    paper: "Shrikumar et al. 2016, sec. 2", needs: .gradients, cost: "2.4", isSigned: true, isFine: true)

  private let request: Int

  init(_ setup: MethodSetup) throws { request = try setup.gradient(withRespectTo: [setup.network.input]) }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try run.backward(request)
    map.clear()
    map.add(run.inputGradient(request), times: run.picture)
  }
}
