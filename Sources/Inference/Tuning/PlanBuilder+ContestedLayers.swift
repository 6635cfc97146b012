import CKernels

extension PlanBuilder {
  /// The layers of the graph whose algorithm is worth measuring, each kind once.
  func contestedLayers() -> [ContestedLayer] {
    var layers: [ConvolutionLayer: ContestedLayer] = [:]
    for node in graph.nodes {
      guard let contested = contestedLayer(node) else { continue }
      let uses = layers[contested.layer]?.uses ?? 0
      layers[contested.layer] = contested
      layers[contested.layer]?.uses = uses + 1
    }
    return Array(layers.values)
  }

  private func contestedLayer(_ node: Node) -> ContestedLayer? {
    guard let params = (node.baseOperator as? any KernelConvolution)?.params(of: node, in: self) else { return nil }
    let algorithm = ConvolutionAlgorithm(params: params, isa: isa, lean: lean)
    guard isBfloat16(node.outputs[0]) else { return algorithm.contested }
    guard bf16 == FOVEA_BF16_AVX512, let direct = (node.baseOperator as? Conv)?.bfloat16Params(of: node, in: self)
    else { return nil }
    return algorithm.contestedBesideBfloat16(direct)
  }
}
