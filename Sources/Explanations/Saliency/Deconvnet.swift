/// Deconvnet: Zeiler and Fergus 2014, section 2.1: a unit's activation projected back to pixels: pools go back to where their
/// maximum was, rectifiers pass what is positive, convolutions are transposed. With `unit:LAYER:K` it shows what the
/// strongest unit of a channel saw.
final class Deconvnet: SaliencyMethod {
  static let info = MethodInfo(
    "deconvnet", "Deconvnet", "a unit's activation projected back to pixels", paper: "Zeiler and Fergus 2014, sec. 2.1",
    needs: .gradients, cost: "2.4", isFine: true)

  private let request: Int

  init(_ setup: MethodSetup) throws {
    request = try setup.gradient(withRespectTo: [setup.network.input], rule: .deconvnet)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try run.backward(request)
    map.largest(run.inputGradient(request))
  }
}
