/// Guided backpropagation: Springenberg, Dosovitskiy, Brox, Riedmiller 2015, "Striving for simplicity", section 3.4: the
/// gradient, of which each rectifier passes only what is positive and where its output was; the largest magnitude over the
/// planes.
final class GuidedBackprop: SaliencyMethod {
  static let info = MethodInfo(
    "guided-backprop", "Guided backprop", "the gradient along paths that only ever speak for the target",
    paper: "Springenberg et al. 2015, sec. 3.4", needs: .gradients, cost: "2.4", isFine: true)

  private let request: Int

  init(_ setup: MethodSetup) throws {
    request = try setup.gradient(withRespectTo: [setup.network.input], rule: .guided)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try run.backward(request)
    map.largest(run.inputGradient(request))
  }
}
