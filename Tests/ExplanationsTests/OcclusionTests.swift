import Inference
import ONNX
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// Occlusion computes only what a patch changes: the numbers are those of the whole network on each covered picture.
@Suite struct OcclusionTests {
  @Test(.enabled(if: TestData.hasShared)) func squeezeNetsScoresAreThoseOfTheWholeNetwork() throws {
    let graph = try importModel(at: TestData.file("models/squeezenet1.1.onnx").path).graph.specialized(inputs: [:])
    let network = try ExplainedNetwork(graph)
    let session = try CompiledNetwork(graph, options: .init(threads: 2)).session(taps: [network.scores])
    let extent = network.inputExtent
    var options = MethodOptions()
    (options.patch, options.stride) = (16, 8)
    let regions = try PatchGrid(extent, options).regions(extent)
    #expect(regions.count == 27 * 27)
    var numbers = NormalNumbers(seed: 4)
    let picture = (0..<extent.channels * extent.height * extent.width).map { _ in Float(numbers.normal()) }
    func fill(covering region: MapRegion?) {
      for (i, value) in picture.enumerated() {
        let (y, x) = (i / extent.width % extent.height, i % extent.width)
        let isCovered = region.map { $0.rows.contains(y) && $0.columns.contains(x) } ?? false
        session.inputs[0].view.floats[i] = isCovered ? 0.25 : value
      }
    }
    let parts = try RegionSession(session, regions: regions, value: network.scores, channels: 2)
    parts.choose(0, 285)
    parts.choose(1, 7)
    fill(covering: nil)
    try parts.remember()
    var scores = [[Float]](repeating: [], count: regions.count)
    let cover = FloatBuffer(picture.count)
    cover.values.update(repeating: 0.25)
    parts.run(changingTo: try #require(cover.values.baseAddress)) { scores[$0] = Array($1) }
    for index in stride(from: 0, to: regions.count, by: 31) {
      fill(covering: regions[index])
      try session.run()
      let all = try #require(session.tap(network.scores)).floats
      let scale = (all.reduce(0) { $0 + $1 * $1 } / Float(all.count)).squareRoot()
      for (got, channel) in zip(scores[index], [285, 7]) {
        #expect(abs(got - all[channel]) <= 1e-5 * scale, "\(regions[index])")
      }
    }
    #expect(6 * parts.multiplyAdds.region < parts.multiplyAdds.whole, "\(parts.multiplyAdds)")
  }
}
