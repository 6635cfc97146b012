import Explanations
import Inference
import Testing

@Suite struct EvaluationTests {
  /// A map of what speaks for the class removes it sooner than one of what speaks against it.
  @Test func goodMapsAreToldFromBadOnes() throws {
    let reference = try Reference("fc")
    let explainer = try reference.explainer("input-x-gradient")
    try reference.session.run()
    try explainer.explain()
    let good = try explainer.scores()
    for i in explainer.map.values.indices { explainer.map.values[i] = -explainer.map.values[i] }
    let bad = try explainer.scores()
    #expect(good.deletion < bad.deletion && good.insertion > bad.insertion, "\(good) \(bad)")
    #expect((0...1).contains(good.deletion) && (0...1).contains(good.insertion) && (0...100).contains(good.drop))
  }

  /// The picture is still the input afterwards.
  @Test func measuringLeavesThePictureAlone() throws {
    let reference = try Reference("fc")
    let explainer = try reference.explainer("occlusion")
    try reference.session.run()
    try explainer.explain()
    _ = try explainer.scores(steps: 5)
    let picture = try reference.maps.tensor("picture").array
    #expect(Array(reference.session.inputs[0].view.floats) == picture)
  }

  @Test func onlyClassesHaveAProbability() throws {
    let reference = try Reference("fc")
    let explainer = try reference.explainer("gradient", target: .norm(layer: "relu3"))
    try reference.session.run()
    try explainer.explain()
    #expect(complaint { _ = try explainer.scores() }.contains("name a class"))
  }

  @Test func randomWeightsGiveAnotherMap() throws {
    let reference = try Reference("gap")
    let network = try reference.network.withRandomWeights()
    let session = try CompiledNetwork(network.graph, options: Reference.options).session()
    let explainer = try reference.explainer("gradient")
    let other = try Explainer(
      MethodTable.method(named: "gradient"), of: network, in: session)
    for (from, to) in zip(reference.session.inputs, session.inputs) {
      for i in from.view.floats.indices { to.view.floats[i] = from.view.floats[i] }
    }
    try reference.session.run()
    try explainer.explain()
    try session.run()
    try other.explain()
    #expect(abs(correlation(explainer, explainer) - 1) < 1e-9)
    #expect(abs(correlation(explainer, other)) < 0.5)
  }

  private func correlation(_ a: Explainer, _ b: Explainer) -> Double {
    rankCorrelation(UnsafeBufferPointer(a.map.values), UnsafeBufferPointer(b.map.values))
  }
}
