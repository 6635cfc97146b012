import Explanations
import Foundation
import TestSupport
import Testing

/// Methods whose map the library leaves negative, where ours has the paper's ReLU.
private let rectified: Set<String> = [
  "score-cam", "ablation-cam", "grad-cam", "grad-cam++", "hirescam", "xgrad-cam", "layer-cam",
]

@Suite struct MethodTests {
  @Test(arguments: MethodTable.names, ["gap", "fc"])
  func mapsAreThoseOfOtherPrograms(name: String, network: String) throws {
    let reference = try Reference(network)
    guard reference.maps.names.contains(name) else {
      #expect(name == "cam" && network == "fc", "no reference for \(name)")
      return
    }
    var expected = try reference.maps.tensor(name).array
    if rectified.contains(name) { expected = expected.map { max($0, 0) } }
    let found = try reference.map(name)
    #expect(difference(found, expected) <= 1e-3, "\(difference(found, expected))")
  }

  @Test(arguments: MethodTable.names) func aSecondMapIsTheSame(name: String) throws {
    let reference = try Reference("gap")
    let explainer = try reference.explainer(name, layers: .automatic)
    try reference.session.run()
    try explainer.explain()
    let first = Array(explainer.map.values)
    // The input is the picture again, whatever the method did with it.
    try reference.session.run()
    try explainer.explain()
    #expect(Array(explainer.map.values) == first)
  }

  /// With one linear layer after the mean, leaving out a channel costs its weight times its mean: the loss is exact.
  @Test func ablationKnowsWhatAChannelIsWorth() throws {
    let reference = try Reference("gap")
    let (ablation, score) = (try reference.map("ablation-cam"), reference.session.tap("scores")!.floats.max()!)
    let weights = reference.network.graph.values[reference.network.graph.value(named: "scores.weight")!].constant!
    let features = reference.session.tap("relu3")!.floats
    var expected = [Float](repeating: 0, count: 64)
    let target = reference.session.tap("scores")!.floats.firstIndex(of: score)!
    for k in 0..<16 {
      let channel = features[k * 64..<(k + 1) * 64]
      let loss = weights.view.floats[target * 16 + k] * channel.reduce(0, +) / 64 / score
      for (i, value) in channel.enumerated() { expected[i] += loss * value }
    }
    #expect(difference(ablation, expected.map { max($0, 0) }) < 1e-4)
  }

  /// CAM: the mean over all positions is the score, less the bias.
  @Test func classActivationsSumToTheScore() throws {
    let reference = try Reference("gap")
    let map = try reference.map("cam")
    let bias = reference.network.graph.values[reference.network.graph.value(named: "scores.bias")!].constant!.array
    let scores = reference.session.tap("scores")!.floats
    let best = scores.indices.max { scores[$0] < scores[$1] }!
    #expect(abs(map.reduce(0, +) / 64 + bias[best] - scores[best]) < 1e-5)
  }

  /// The score has nothing to lose where the patch shows what is there already.
  @Test func occlusionOfAnEvenPictureIsNothing() throws {
    let reference = try Reference("fc")
    for i in reference.session.inputs[0].view.floats.indices { reference.session.inputs[0].view.floats[i] = 0.25 }
    #expect(try reference.map("occlusion").allSatisfy { abs($0) < 1e-6 })
  }

  @Test(arguments: PatchFill.allCases) func everyFillHidesThePicture(fill: PatchFill) throws {
    let reference = try Reference("fc")
    var options = Reference.methodOptions
    options.fill = fill
    let map = try reference.map("occlusion", options: options)
    #expect(map.contains { abs($0) > 1e-3 } && map.allSatisfy(\.isFinite))
    // The patch covers everything: one score for all.
    (options.patch, options.stride) = (32, 32)
    let whole = try reference.map("occlusion", options: options)
    #expect(whole.allSatisfy { $0 == whole[0] } && whole[0] != 0)
  }

  @Test func severalLayersAreAveraged() throws {
    let reference = try Reference("gap")
    let both = try reference.map("eigen-cam", layers: .named(["relu2", "relu3"]))
    #expect(both.count == 32 * 32 && both.max()! <= 1 && both.min()! >= 0)
    let twice = try reference.map("eigen-cam", layers: .named(["relu3", "relu3"]))
    let once = try reference.map("eigen-cam")
    #expect(twice.count == 32 * 32 && abs(twice.max()! - 1) < 0.3)
    #expect(once.count == 64)
  }

  @Test func tablesHoldEveryMethodOnce() {
    #expect(Set(MethodTable.names).count == MethodTable.names.count)
    for method in MethodTable.all {
      let info = method.info
      #expect(!info.summary.isEmpty && !info.summary.hasSuffix(".") && info.paper.contains(/\d{4}/), "\(info.name)")
      #expect(info.cost.hasPrefix("1") || info.cost.first?.isNumber == true)
    }
  }
}
