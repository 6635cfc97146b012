import Tensors
import Testing

@testable import Inference

/// How the weights of fully connected layers are stored, and that it does not show.
@Suite struct LinearWeightsTests {
  private struct Result {
    var algorithm: String
    var error: Float
  }

  /// x [rows, 1100] by weights [1000, 1100]: what is planned, and how far it is from the operator's own forward.
  private func run(rows: Int = 1, precision: Precision = .fp32, isa: ISA = .best, outlier: Float? = nil) throws
    -> Result
  {
    var generator = SeededGenerator(seed: 5)
    var weights = generator.floats(1000 * 1100)
    if let outlier {
      // One large number among small ones in every block of every row takes their bits.
      for index in stride(from: 0, to: weights.count, by: 50) { weights[index] = outlier }
    }
    var builder = GraphBuilder()
    _ = builder.value("w", constant: Tensor(weights, [1000, 1100]))
    builder.input("x", [rows, 1100] as Shape)
    builder.node(Gemm(transposeB: true), ["x", "w"], ["y"])
    builder.output("y")
    let input = generator.floats(rows * 1100)
    let graph = try builder.graph.specialized(inputs: [:])
    let reference = try referenceValues(graph, inputs: ["x": input])
    var options = NetworkOptions(threads: 2, isa: isa)
    options.precision = precision
    let session = try CompiledNetwork(graph, options: options).session()
    for (index, x) in input.enumerated() { session.inputs[0].view.floats[index] = x }
    try session.run()
    let wanted = try #require(reference["y"])
    return withExtendedLifetime((session, wanted)) {
      Result(
        algorithm: session.steps.map(\.algorithm).joined(),
        error: deviation(session.outputs[0].view.floats, from: Array(wanted.view.floats)))
    }
  }

  @Test(arguments: [ISA.scalar, .avx2, .avx512].filter(\.isSupported)) func onePictureReadsFewBits(isa: ISA) throws {
    let result = try run(isa: isa)
    #expect(result.algorithm.hasPrefix("20-bit weights"))
    #expect(result.error < 1e-5, "\(result.error)")
  }

  @Test func severalPicturesShareTheirWeights() throws {
    let few = try run(rows: 3)
    #expect(few.algorithm.hasPrefix("20-bit weights") && few.error < 1e-5)
    let many = try run(rows: 20)
    #expect(many.algorithm.hasPrefix("packed rows") && many.error < 1e-5)
  }

  @Test func halvesAreUsedWhenAskedFor() throws {
    let result = try run(precision: .fp16Weights)
    #expect(result.algorithm.hasPrefix("fp16 weights"))
    #expect(result.error < 2e-3 && result.error > 3e-5, "\(result.error)")
    #expect(try run(precision: .fp16Weights, outlier: 1e5).algorithm.hasPrefix("dot products"))
  }

  @Test func weightsThatDoNotFitStayFloats() throws {
    let result = try run(outlier: 1e4)
    #expect(result.algorithm.hasPrefix("dot products") && result.error < 1e-5)
  }
}
