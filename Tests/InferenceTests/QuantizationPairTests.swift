import Tensors
import Testing

@testable import Inference

/// QuantizeLinear and DequantizeLinear around the operators that exporters put them around, by the reference of each operator. Inputs,
/// weights and steps are short binary fractions, so sums are exact and a number of another level is a fault.
@Suite struct QuantizationPairTests {
  private func network() -> GraphBuilder {
    var builder = GraphBuilder()
    builder.input("x", [1, 16, 5, 7])
    return builder
  }

  /// Scale and zero point, `name`s and `name`z, of one number or of one for each channel.
  private func levels(_ builder: inout GraphBuilder, _ name: String, _ type: ElementType, _ scales: [Float], zero: Int)
  {
    let shape: Shape = scales.count == 1 ? [] : [scales.count]
    _ = builder.value(name + "s", constant: Tensor(scales, shape))
    let tensor = Tensor(type, shape)
    for i in scales.indices {
      switch type {
      case .uint8: tensor.view.elements(as: UInt8.self)[i] = UInt8(zero)
      default: tensor.view.elements(as: Int8.self)[i] = Int8(zero)
      }
    }
    _ = builder.value(name + "z", constant: tensor)
  }

  /// `value` rounded to the levels `name`, as `value`.d.
  private func pair(_ builder: inout GraphBuilder, _ value: String, _ name: String, axis: Int = 1) {
    builder.node(QuantizeLinear(axis: axis), [value, name + "s", name + "z"], [value + ".q"])
    builder.node(DequantizeLinear(axis: axis), [value + ".q", name + "s", name + "z"], [value + ".d"])
  }

  /// One for each of 16 channels, the first `kinds` of four in turn.
  private func scales(of kinds: Int) -> [Float] {
    let all: [Float] = [0.25, 0.125, 0.5, 1]
    return (0..<16).map { all[$0 % kinds] }
  }

  /// A convolution whose weights are int8 with a scale for each output channel.
  private func convolution(_ builder: inout GraphBuilder, _ input: String, _ output: String, channels: Int = 16) {
    let weights = Tensor(.int8, [16, channels, 1, 1])
    for i in 0..<16 * channels { weights.view.elements(as: Int8.self)[i] = Int8((i * 7 + i / 16) % 9 - 4) }
    _ = builder.value(output + "w", constant: weights)
    levels(&builder, output, .int8, scales(of: 3), zero: 0)
    builder.node(DequantizeLinear(axis: 0), [output + "w", output + "s", output + "z"], [output + "f"])
    builder.node(Conv(), [input, output + "f"], [output])
  }

  /// The operators of the steps; every tap and the output are the reference's to the last bit.
  @discardableResult private func check(_ graph: Graph, taps: [String] = []) throws -> [String] {
    let session = try CompiledNetwork(graph, options: .init(threads: 1)).session(taps: taps)
    let input: [Float] = (0..<16 * 35).map { (i: Int) -> Float in
      let eighths: Int = (i * 37 + i / 11) % 65 - 32
      return Float(eighths) / 8
    }
    input.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
    try session.run()
    let values = try referenceValues(graph.specialized(inputs: [:]), inputs: ["x": input])
    try withExtendedLifetime((session, values)) {
      for name in taps {
        #expect(try Array(#require(session.tap(name)).floats) == Array(#require(values[name]).view.floats), "\(name)")
      }
      let want = try Array(#require(values[session.outputs[0].name]).view.floats)
      #expect(Array(session.outputs[0].view.floats) == want)
      #expect(Set(want).count > 10)
    }
    return session.steps.map(\.op)
  }

  private static let types: [(ElementType, Int)] = [(.uint8, 100), (.uint8, 0), (.int8, -5), (.int8, 127)]

  /// A block of a residual network: the first pair has two readers, both inputs of the sum and the sum itself are rounded.
  @Test(arguments: types) func residualSums(type: ElementType, zero: Int) throws {
    var builder = network()
    levels(&builder, "l", type, [0.125], zero: zero)
    levels(&builder, "m", type, [0.1], zero: zero)
    pair(&builder, "x", "l")
    convolution(&builder, "x.d", "a")
    pair(&builder, "a", "l")
    convolution(&builder, "a.d", "b")
    pair(&builder, "b", "l")
    builder.node(Add(), ["a.d", "b.d"], ["c"])
    builder.node(Relu(), ["c"], ["r"])
    pair(&builder, "r", "m")
    builder.node(Add(), ["r.d", "x.d"], ["y"])
    builder.output("y")
    let steps = try check(builder.graph)
    #expect(steps.contains("Conv+FakeQuantize+Add+FakeQuantize"), "\(steps)")
    #expect(!steps.contains { $0.hasSuffix("uantizeLinear") }, "\(steps)")
    for taps in [["a", "a.d", "b", "c", "r", "r.d"], ["b"], ["b.d"], ["c"], ["r"]] {
      try check(builder.graph, taps: taps)
    }
  }

  /// A block whose other branch has a convolution too, and sums of three: each sum is stored by one convolution, behind the rounding of that
  /// one's own numbers. Kernels on bfloat16 leave it to a step of its own.
  @Test(arguments: types) func sumsOfConvolutions(type: ElementType, zero: Int) throws {
    var builder = network()
    levels(&builder, "l", type, [0.125], zero: zero)
    levels(&builder, "m", type, [0.1], zero: zero)
    levels(&builder, "n", type, [0.3], zero: zero)
    convolution(&builder, "x", "a")
    pair(&builder, "a", "m")
    convolution(&builder, "x", "b")
    pair(&builder, "b", "n")
    builder.node(Add(), ["a.d", "b.d"], ["c"])
    pair(&builder, "c", "l")
    convolution(&builder, "c.d", "d")
    pair(&builder, "d", "m")
    builder.node(Add(), ["d.d", "x"], ["y"])
    builder.output("y")
    let steps = try check(builder.graph)
    let sums = ["Conv+FakeQuantize", "Conv+FakeQuantize+Add+FakeQuantize", "Conv+FakeQuantize+Add"]
    #expect(steps.filter { $0 != "Layout" } == sums, "\(steps)")
    for taps in [["a.d"], ["b"], ["b.d"], ["c"], ["d"], ["d.d"]] { try check(builder.graph, taps: taps) }
    var prepared = PreparedGraph(unchanged: try builder.graph.specialized(inputs: [:]))
    joinQuantization(&prepared)
    prepared.collectDeadCode()
    let rounding = [Precision.fp32, .bf16].map { precision in
      Fusion.fuse(prepared.graph, keeping: [], precision).nodes.count { $0.roundingBeforeSum != nil }
    }
    #expect(rounding == [2, 0])
  }

  /// Both inputs of a Concat and its output.
  @Test(arguments: types) func concatenations(type: ElementType, zero: Int) throws {
    var builder = network()
    levels(&builder, "l", type, [0.125], zero: zero)
    convolution(&builder, "x", "a")
    pair(&builder, "a", "l")
    pair(&builder, "x", "l")
    builder.node(Concat(axis: 1), ["a.d", "x.d"], ["c"])
    pair(&builder, "c", "l")
    convolution(&builder, "c.d", "y", channels: 32)
    builder.output("y")
    let steps = try check(builder.graph)
    #expect(!steps.contains { $0.hasSuffix("uantizeLinear") }, "\(steps)")
    try check(builder.graph, taps: ["a.d", "c", "c.d"])
  }

  /// A scale for each channel stays as it is.
  @Test(arguments: types) func channelsOfTheirOwnScale(type: ElementType, zero: Int) throws {
    var builder = network()
    levels(&builder, "l", type, scales(of: 4), zero: zero)
    convolution(&builder, "x", "a")
    pair(&builder, "a", "l")
    convolution(&builder, "a.d", "y")
    builder.output("y")
    try check(builder.graph)
    try check(builder.graph, taps: ["a", "a.d"])
  }

  /// Whole numbers that two nodes read back, one of them by another scale, which is no rounding to levels.
  @Test(arguments: types) func severalReaders(type: ElementType, zero: Int) throws {
    var builder = network()
    levels(&builder, "l", type, [0.125], zero: zero)
    levels(&builder, "m", type, [0.25], zero: zero)
    convolution(&builder, "x", "a")
    pair(&builder, "a", "l")
    builder.node(DequantizeLinear(), ["a.q", "ls", "lz"], ["again"])
    builder.node(DequantizeLinear(), ["a.q", "ms", "mz"], ["twice"])
    builder.node(Mul(), ["again", "twice"], ["p"])
    builder.node(Sub(), ["p", "a.d"], ["y"])
    builder.output("y")
    try check(builder.graph)
    try check(builder.graph, taps: ["a", "a.d", "twice"])
  }
}
