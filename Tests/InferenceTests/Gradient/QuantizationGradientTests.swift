import Tensors
import Testing

@testable import Inference

/// Gradients pass rounding straight through, and stop where numbers are cut off.
@Suite struct QuantizationGradientTests {
  /// x [1, 4] with 0.5 a level, from -3 to 3 where the zero point is 6 of 0…12… of a uint8 that reaches 124.5.
  private func network(_ scales: [Float], axis: Int = 1) throws -> CompiledNetwork {
    var builder = GraphBuilder()
    builder.input("x", [1, 4])
    _ = builder.value("s", constant: Tensor(scales, scales.count == 1 ? [] : [scales.count]))
    let zero = Tensor(.uint8, scales.count == 1 ? [] : [scales.count])
    for i in 0..<scales.count { zero.view.elements(as: UInt8.self)[i] = 6 }
    _ = builder.value("z", constant: zero)
    _ = builder.value("k", constant: Tensor([Float(1), 2, 3, 4], [1, 4]))
    builder.node(QuantizeLinear(axis: axis), ["x", "s", "z"], ["q"])
    builder.node(DequantizeLinear(axis: axis), ["q", "s", "z"], ["d"])
    builder.node(Mul(), ["d", "k"], ["y"])
    builder.output("y")
    return try CompiledNetwork(builder.graph, options: NetworkOptions(threads: 1))
  }

  private func gradient(_ network: CompiledNetwork, at x: [Float]) throws -> [Float] {
    let session = try network.session(gradients: [GradientRequest(of: ["y"], withRespectTo: ["x"])])
    for i in x.indices { session.inputs[0].view.floats[i] = x[i] }
    try session.run()
    for i in x.indices { session.seed(0)[0].floats[i] = 1 }
    try session.runBackward(0)
    return Array(try #require(session.gradient(0, "x")).floats)
  }

  @Test func roundingPassesAndCuttingStops() throws {
    let network = try network([0.5])
    #expect(try gradient(network, at: [0.1, -2.9, -3.3, 124.9]) == [1, 2, 0, 0])
    #expect(try gradient(network, at: [124.6, 3, 0, -100]) == [1, 2, 3, 0])
  }

  @Test func eachChannelHasItsScale() throws {
    #expect(try gradient(network([0.5, 0.25, 1, 2]), at: [0.1, 0.2, 0.3, 0.4]) == [1, 2, 3, 4])
  }

  @Test func refusedKindsAreNamedOnce() throws {
    var builder = GraphBuilder()
    builder.input("x", [1, 4])
    _ = builder.value("one", constant: Tensor([1], [1]))
    builder.node(TopKOperator(), ["x", "one"], ["a", nil])
    builder.node(ToyWithoutGradient(), ["a"], ["b"])
    builder.node(ToyWithoutGradient(), ["b"], ["c"])
    builder.output("c")
    let network = try CompiledNetwork(builder.graph, options: NetworkOptions(threads: 1))
    let error = #expect(throws: InferenceError.self) {
      try network.session(gradients: [GradientRequest(of: ["c"], withRespectTo: ["x"])])
    }
    #expect(
      error?.description.contains("2 x ToyWithoutGradient (first 'ToyWithoutGradient_1')") == true,
      "\(error?.description ?? "")")
  }
}

/// Twice its input, without a gradient.
private struct ToyWithoutGradient: Operator {
  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }
  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0]?.reals else { return }
    for i in x.indices { outputs[0].reals[i] = 2 * x[i] }
  }
}
