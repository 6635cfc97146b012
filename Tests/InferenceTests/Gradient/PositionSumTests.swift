import Tensors
import TestSupport
import Testing

@testable import Inference

/// Gradients of which only the sums over positions are asked for.
@Suite struct PositionSumTests {
  @Test(arguments: GradientSessionTests.seeds) func sumsAreThoseOfTheWholeGradient(seed: Int) throws {
    let reference = try GradientSessionTests.Reference(seed: seed)
    let session = try CompiledNetwork(reference.graph, options: .init(threads: 1)).session()
    try session.setTaps(
      [],
      gradients: [false, true].map {
        GradientRequest(of: [reference.output], withRespectTo: reference.names, sumsPositions: $0)
      })
    try fill(session, reference.input, reference.seed)
    for name in reference.names {
      let (whole, sums) = (try #require(session.gradient(0, name)), try #require(session.gradient(1, name)))
      #expect(sums.shape == whole.shape.withoutPositions)
      #expect(deviation(Array(sums.floats), from: Self.sums(whole)) <= 1e-5, "\(name), seed \(seed)")
    }
    withExtendedLifetime(session) {}
  }

  /// x [1, 24, 5, 7] is flattened and multiplied; the weights lie one way or the other.
  @Test(arguments: [false, true]) func aFullyConnectedLayerIsNotReadWhole(transposed: Bool) throws {
    var generator = SeededGenerator(seed: 7)
    var builder = GraphBuilder()
    builder.input("x", [1, 24, 5, 7])
    builder.node(Relu(), ["x"], ["a"])
    builder.node(Flatten(), ["a"], ["flat"])
    let shape: Shape = transposed ? [40, 24 * 35] : [24 * 35, 40]
    _ = builder.value("w", constant: Tensor(generator.floats(shape.count), shape))
    builder.node(Gemm(alpha: 0.5, transposeB: transposed), ["flat", "w"], ["y"])
    builder.output("y")
    let session = try CompiledNetwork(builder.graph, options: .init(threads: 1)).session()
    try session.setTaps(
      [],
      gradients: [false, true].map { GradientRequest(of: ["y"], withRespectTo: ["a"], sumsPositions: $0) })
    try fill(session, generator.floats(24 * 35), generator.floats(40))
    let (whole, sums) = (try #require(session.gradient(0, "a")), try #require(session.gradient(1, "a")))
    #expect(sums.shape == [1, 24, 1, 1])
    #expect(deviation(Array(sums.floats), from: Self.sums(whole)) <= 1e-5)
    #expect(session.backwardSteps(0).contains { $0.outputShape.count == 24 * 35 })
    #expect(session.backwardSteps(1).allSatisfy { $0.outputShape.count == 24 }, "\(session.backwardSteps(1))")
    withExtendedLifetime(session) {}
  }

  private func fill(_ session: Session, _ input: [Float], _ seed: [Float]) throws {
    for (index, x) in input.enumerated() { session.inputs[0].view.floats[index] = x }
    try session.run()
    for request in 0..<2 {
      for (index, x) in seed.enumerated() { session.seed(request)[0].floats[index] = x }
      try session.runBackward(request)
    }
  }

  private static func sums(_ view: TensorView) -> [Float] {
    let channels = view.shape.withoutPositions.count
    let area = view.shape.count / max(channels, 1)
    let values = view.floats
    return (0..<channels).map { c in Float((0..<area).reduce(0.0) { $0 + Double(values[c * area + $1]) }) }
  }
}
