/// Guided Grad-CAM: Selvaraju et al. 2017, section 3.1: guided backpropagation, times Grad-CAM enlarged to the input.
final class GuidedGradCAM: SaliencyMethod {
  static let info = MethodInfo(
    "guided-grad-cam", "Guided Grad-CAM", "the edges of guided backpropagation where Grad-CAM is hot",
    paper: "Selvaraju et al. 2017, sec. 3.1", needs: [.activations, .gradients], cost: "2.4", isFine: true)

  private let coarse: GradCAM
  private let maps: [SaliencyMap]
  private let resizers: [BilinearResize]
  private let request: Int
  private let enlarged: FloatBuffer

  init(_ setup: MethodSetup) throws {
    let input = setup.network.inputExtent
    coarse = try GradCAM(setup)
    maps = setup.extents.map { SaliencyMap(height: $0.height, width: $0.width) }
    resizers = setup.extents.map {
      BilinearResize(height: $0.height, width: $0.width, toHeight: input.height, toWidth: input.width)
    }
    request = try setup.gradient(withRespectTo: [setup.network.input], rule: .guided)
    enlarged = FloatBuffer(input.height * input.width)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try coarse.map(run, layer: layer, into: maps[layer])
    if let source = maps[layer].values.baseAddress { resizers[layer].resize(source, into: enlarged.start) }
    try run.backward(request)
    map.largest(run.inputGradient(request))
    for i in map.values.indices { map.values[i] *= enlarged[i] }
  }
}
