import AllocationCounter
import Explanations
import Foundation
import Inference
import Testing

/// What must hold whatever the weights.
@Suite struct AxiomTests {
  /// Sundararajan et al. 2017, proposition 1.
  @Test(arguments: ["gap", "fc"]) func integratedGradientsAreComplete(network: String) throws {
    let reference = try Reference(network)
    var options = MethodOptions()
    options.samples = 300
    let explainer = try reference.explainer("integrated-gradients", options: options)
    try reference.session.run()
    try explainer.explain()
    guard case .classes(let index, nil) = explainer.choice else { return #expect(Bool(false)) }
    for i in reference.session.inputs[0].view.floats.indices { reference.session.inputs[0].view.floats[i] = 0 }
    try reference.session.run()
    let rise = explainer.score - reference.session.tap("scores")!.floats[index]
    #expect(abs(Float(explainer.map.total) - rise) < 0.01 * abs(rise), "\(explainer.map.total) and \(rise)")
    #expect(explainer.note?.contains("300 samples") == true)
  }

  /// Bach et al. 2015, equation 2: without biases, relevance is conserved.
  @Test func relevanceIsConserved() throws {
    let reference = try Reference("fc", withoutBiases: true)
    var options = MethodOptions()
    options.epsilon = 1e-7
    let explainer = try reference.explainer("lrp", options: options)
    try reference.session.run()
    try explainer.explain()
    #expect(abs(Float(explainer.map.total) - explainer.score) < 1e-3 * abs(explainer.score))
  }

  /// Where a global mean and one linear layer follow, these are all the same map (Selvaraju et al. 2017, section 3; Draelos
  /// and Carin 2020, section 3.3), up to the number of positions.
  @Test(arguments: ["grad-cam", "hirescam", "xgrad-cam"]) func camMethodsAgreeAfterAGlobalMean(name: String) throws {
    let reference = try Reference("gap")
    let expected = try reference.map("cam").map { max($0, 0) / 64 }
    #expect(difference(try reference.map(name), expected) < 1e-4)
  }

  /// A network of ReLUs without biases is linear along the ray to the picture.
  @Test func withoutBiasesInputTimesGradientIsTheScore() throws {
    let reference = try Reference("fc", withoutBiases: true)
    let explainer = try reference.explainer("input-x-gradient")
    try reference.session.run()
    try explainer.explain()
    #expect(abs(Float(explainer.map.total) - explainer.score) < 1e-4 * abs(explainer.score))
  }

  @Test func withoutNoiseSmoothGradIsTheGradientAndVarGradNothing() throws {
    let reference = try Reference("fc")
    var options = Reference.methodOptions
    options.noise = 0
    #expect(difference(try reference.map("smoothgrad", options: options), try reference.map("gradient")) < 1e-5)
    #expect(try reference.map("vargrad", options: options).allSatisfy { abs($0) < 1e-8 })
  }

  /// A unit's gradient stays inside of its receptive field.
  @Test(arguments: ["gradient", "deconvnet", "guided-backprop"]) func unitsSeeTheirField(name: String) throws {
    let reference = try Reference("fc")
    // conv1 (3x3, stride 2) and conv2 (3x3): row 8 of conv2 sees rows 13 to 19 of the picture.
    let target = Target.unit(layer: "conv2", channel: 3, position: .init(y: 8, x: 8))
    let map = try reference.map(name, target: target)
    let inside = map.enumerated().filter { (13...19).contains($0.offset / 32) && (13...19).contains($0.offset % 32) }
    let outside = map.reduce(0, +) - inside.reduce(0) { $0 + $1.element }
    #expect(inside.contains { $0.element > 0 } && abs(outside) < 1e-6)
  }

  @Test(arguments: ["gap", "fc"]) func theStrongestUnitIsProjectedAsByCaptum(network: String) throws {
    let reference = try Reference(network)
    let map = try reference.map("deconvnet", target: .unit(layer: "relu2", channel: 3, position: nil))
    #expect(difference(map, try reference.maps.tensor("unit/deconvnet").array) < 1e-3)
  }

  /// Targets are linear: what speaks for one class rather than another is the difference of what speaks for each.
  @Test func aDifferenceOfScoresGivesTheDifferenceOfMaps() throws {
    let reference = try Reference("fc")
    let first = try reference.map("input-x-gradient", target: .score(.index(1), minus: nil))
    let second = try reference.map("input-x-gradient", target: .score(.index(2), minus: nil))
    let both = try reference.map("input-x-gradient", target: .score(.index(1), minus: .index(2)))
    #expect(difference(both, zip(first, second).map { $0 - $1 }) < 1e-4)
  }

  /// The derivative of a layer's norm is the layer's values by the norm, handed back.
  @Test func normsHaveAGradient() throws {
    let reference = try Reference("fc")
    let explainer = try reference.explainer("input-x-gradient", target: .norm(layer: "relu3"))
    try reference.session.run()
    try explainer.explain()
    #expect(explainer.map.values.contains { $0 != 0 } && explainer.score > 0)
  }

  @Test func gradientsByLayersAfterTheTargetAreRefused() throws {
    let reference = try Reference("fc")
    let sentence = complaint {
      _ = try reference.explainer(
        "grad-cam", target: .channel(layer: "relu1", 0), layers: .named(["relu3"]))
    }
    #expect(sentence.contains("does not depend on layer 'relu3'") && sentence.contains("earlier"), "\(sentence)")
  }

  /// After the first picture, nothing is allocated, so that a map can be made of every frame.
  @Test(arguments: MethodTable.names) func mapsAllocateNothing(name: String) throws {
    let reference = try Reference("gap")
    var options = Reference.methodOptions
    (options.samples, options.masks) = (2, 2)
    let explainer = try reference.explainer(name, layers: .automatic, options: options)
    let shown = ShownMap(
      height: explainer.map.height, width: explainer.map.width, isSigned: explainer.method.isSigned,
      steadiness: .video)
    func once() throws {
      try reference.session.run()
      try explainer.explain()
      shown.show(explainer.map, after: 0.04)
    }
    for _ in 0..<3 { try once() }
    let before = fovea_thread_allocation_count()
    for _ in 0..<5 { try once() }
    #expect(fovea_thread_allocation_count() == before)
  }
}
