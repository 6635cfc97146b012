import Tensors
import Testing

@testable import Inference

/// What the passes and the fusion make of the patterns that exporters write; that the numbers stay is tested on random networks too.
@Suite struct PassTests {
  private func constant(_ builder: inout GraphBuilder, _ name: String, _ shape: Shape, seed: Int) {
    var generator = SeededGenerator(seed: seed)
    _ = builder.value(name, constant: Tensor(generator.floats(shape.count, in: 0.1...1), shape))
  }

  /// x [1, 16, 6, 6] with a 3x3 convolution to "c".
  private func start() -> GraphBuilder {
    var builder = GraphBuilder()
    builder.input("x", [1, 16, 6, 6])
    constant(&builder, "w", [16, 16, 3, 3], seed: 1)
    constant(&builder, "b", [16], seed: 2)
    builder.node(
      Conv(padding: .explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))), ["x", "w", "b"], ["c"])
    return builder
  }

  /// The steps that compute, the output, and its difference from the reference.
  private func check(_ graph: Graph, taps: [String] = []) throws -> (steps: [String], output: [Float]) {
    let specialised = try graph.specialized(inputs: [:])
    var generator = SeededGenerator(seed: 3)
    let input = generator.floats(specialised.type(of: specialised.inputs[0].value).shape.count)
    let session = try CompiledNetwork(graph, options: .init(threads: 1)).session(taps: taps)
    input.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
    try session.run()
    let values = try referenceValues(specialised, inputs: [session.inputs[0].name: input])
    return try withExtendedLifetime((session, values)) {
      for name in taps {
        let (got, want) = (try #require(session.tap(name)), try #require(values[name]))
        #expect(deviation(got.floats, from: want.view.floats) <= 1e-5, "tap \(name)")
      }
      let want = try #require(values[session.outputs[0].name])
      #expect(deviation(session.outputs[0].view.floats, from: want.view.floats) <= 1e-5)
      return (session.steps.map(\.op).filter { $0 != "Layout" }, Array(session.outputs[0].view.floats))
    }
  }

  @Test func batchNormalisationAndActivationGoIntoTheConvolution() throws {
    var builder = start()
    for (index, name) in ["scale", "shift", "mean", "variance"].enumerated() {
      constant(&builder, name, [16], seed: 4 + index)
    }
    builder.node(BatchNormalization(), ["c", "scale", "shift", "mean", "variance"], ["n"])
    builder.node(Dropout(), ["n"], ["d"])
    builder.node(Relu(), ["d"], ["y"])
    builder.output("y")
    let plain = try check(builder.graph)
    #expect(plain.steps == ["Conv+Relu"])
    let tapped = try check(builder.graph, taps: ["c", "n", "d"])
    #expect(tapped.steps.contains("Relu") && tapped.steps.count == 3)
    #expect(tapped.output == plain.output)
  }

  /// Scale 0.1 and zero point 100: levels from -10 to 15.5; behind a Relu or a Clip some are out of reach.
  @Test(arguments: [nil, Relu(), Clip(minimum: -0.33, maximum: 0.77), Clip(maximum: 0.25)] as [(any Operator)?])
  func quantizationGoesIntoTheConvolution(bound: (any Operator)?) throws {
    var builder = start()
    _ = builder.value("scale", constant: Tensor([0.1], []))
    let zero = Tensor(.uint8, [])
    zero.view.elements(as: UInt8.self)[0] = 100
    _ = builder.value("zero", constant: zero)
    if let bound { builder.node(bound, ["c"], ["r"]) }
    builder.node(QuantizeLinear(), [bound == nil ? "c" : "r", "scale", "zero"], ["q"])
    builder.node(DequantizeLinear(), ["q", "scale", "zero"], ["y"])
    builder.output("y")
    let plain = try check(builder.graph)
    #expect(plain.steps == ["Conv+FakeQuantize"])
    #expect(Set(plain.output).count > 9 && plain.output.allSatisfy { abs(($0 * 10).rounded() - $0 * 10) < 1e-4 })
    let tapped = try check(builder.graph, taps: bound == nil ? ["c"] : ["c", "r"])
    #expect(tapped.steps.count == (bound == nil ? 2 : 3))
    #expect(tapped.output == plain.output)
  }

  @Test func theResidualSumGoesIntoTheLaterConvolution() throws {
    var builder = start()
    builder.node(Relu(), ["c"], ["r"])
    constant(&builder, "v", [16, 16, 1, 1], seed: 5)
    builder.node(Conv(), ["r", "v"], ["e"])
    builder.node(Add(), ["c", "e"], ["s"])
    builder.node(Relu(), ["s"], ["y"])
    builder.output("y")
    let plain = try check(builder.graph)
    #expect(plain.steps == ["Conv", "Relu", "Conv+Add+Relu"])
    #expect(try check(builder.graph, taps: ["e", "s"]).output == plain.output)
  }

  /// [1, 32, 6, 6] in two groups to `output`, as exporters write torch's view, transpose, view.
  private func addShuffle(_ builder: inout GraphBuilder, _ input: String, _ output: String) {
    for (name, shape) in [("grouped", [1, 2, 16, 6, 6]), ("flat", [1, 32, 6, 6])] as [(String, [Int])] {
      _ = builder.value("\(output)-\(name)", constant: Tensor(shape, [shape.count]))
    }
    builder.node(Reshape(), [input, "\(output)-grouped"], ["\(output)-5"])
    builder.node(Transpose(permutation: [0, 2, 1, 3, 4]), ["\(output)-5"], ["\(output)-t"])
    builder.node(Reshape(), ["\(output)-t", "\(output)-flat"], [output])
  }

  /// Two units of ShuffleNetV2: channels that pass a unit unchanged are moved only when they are read, in one step.
  @Test(arguments: [true, false]) func shuffledChannelsAreGatheredOnce(bySplit: Bool) throws {
    var builder = start()
    builder.node(Relu(), ["c"], ["r"])
    builder.node(Concat(axis: 1), ["c", "r"], ["j"])
    addShuffle(&builder, "j", "s")
    if bySplit {
      builder.node(Split(axis: 1, parts: .equal(2), outputCount: 2), ["s"], ["left", "right"])
    } else {
      for (name, first) in [("left", 0), ("right", 16)] {
        builder.node(SliceOperator(box: .init(starts: [first], ends: [first + 16], axes: [1])), ["s"], [name])
      }
    }
    constant(&builder, "v", [16, 16, 1, 1], seed: 6)
    builder.node(Conv(), ["right", "v"], ["d"])
    builder.node(Concat(axis: 1), ["left", "d"], ["k"])
    addShuffle(&builder, "k", "y")
    builder.output("y")
    let plain = try check(builder.graph)
    #expect(plain.steps == ["Conv", "Relu", "ChannelGather", "Conv", "ChannelGather"])
    for taps in [["s"], ["left"], ["s-t"], ["k", "y-5"], ["j", "right"]] {
      #expect(try check(builder.graph, taps: taps).output == plain.output, "\(taps)")
    }
  }

  /// Other orders of the axes, groups that are none, and cuts along rows stay what they are.
  @Test func otherTranspositionsAreLeftAlone() throws {
    var builder = start()
    builder.node(Concat(axis: 1), ["c", "c"], ["j"])
    _ = builder.value("grouped", constant: Tensor([1, 2, 16, 6, 6], [5]))
    _ = builder.value("flat", constant: Tensor([1, 32, 6, 6], [4]))
    builder.node(Reshape(), ["j", "grouped"], ["g"])
    builder.node(Transpose(permutation: [0, 2, 1, 4, 3]), ["g"], ["t"])
    builder.node(Reshape(), ["t", "flat"], ["s"])
    builder.node(SliceOperator(box: .init(starts: [1], ends: [3], axes: [2])), ["s"], ["y"])
    builder.output("y")
    #expect(try !check(builder.graph).steps.contains("ChannelGather"))

    var rows = start()
    rows.node(Concat(axis: 1), ["c", "c"], ["j"])
    addShuffle(&rows, "j", "s")
    rows.node(SliceOperator(box: .init(starts: [1, 3], ends: [3, 20], axes: [2, 1])), ["s"], ["y"])
    rows.output("y")
    #expect(try check(rows.graph).steps == ["Conv", "ChannelGather", "Slice"])
  }

  /// Where the algorithm can, the convolution stores what a pool of 2x2 keeps; a pool that is read beside stays.
  @Test func aSmallPoolGoesIntoTheConvolution() throws {
    func network(_ window: Window, size: Int = 33) -> GraphBuilder {
      var builder = GraphBuilder()
      builder.input("x", [2, 16, size, 32])
      constant(&builder, "w", [20, 16, 3, 3], seed: 1)
      constant(&builder, "b", [20], seed: 2)
      builder.node(
        Conv(padding: .explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))), ["x", "w", "b"], ["c"])
      builder.node(Relu(), ["c"], ["r"])
      builder.node(MaxPool(window: window), ["r"], ["y"])
      builder.output("y")
      return builder
    }
    func window(_ kernel: Int, pad: Int = 0) -> Window {
      Window(
        kernel: Spatial(kernel, kernel), strides: Spatial(2, 2), dilations: Spatial(1, 1),
        padding: .explicit(Pads(top: pad, left: pad, bottom: pad, right: pad)))
    }
    let fuses = try ISA.resolved(nil) != .scalar
    let small = network(window(2))
    let plain = try check(small.graph)
    #expect(plain.steps == (fuses ? ["Conv+Relu+MaxPool"] : ["Conv+Relu", "MaxPool"]))
    #expect(try check(small.graph, taps: ["y"]).steps == plain.steps)
    for taps in [["c"], ["r"]] {
      let tapped = try check(small.graph, taps: taps)
      #expect(tapped.steps.contains("MaxPool") && tapped.output == plain.output)
    }
    #expect(try check(network(window(3)).graph).steps.contains("MaxPool"))
    #expect(try check(network(window(2, pad: 1)).graph).steps.contains("MaxPool"))
    var twice = network(window(2))
    twice.node(Relu(), ["r"], ["z"])
    twice.output("z")
    #expect(try check(twice.graph).steps.contains("MaxPool"))
  }

  @Test func decomposedActivationsAreRecognised() throws {
    func number(_ builder: inout GraphBuilder, _ x: Float) -> String {
      _ = builder.value("\(x)", constant: Tensor([x], []))
      return "\(x)"
    }
    var swish = start()
    swish.node(Sigmoid(), ["c"], ["g"])
    swish.node(Mul(), ["g", "c"], ["y"])
    swish.output("y")
    #expect(try check(swish.graph).steps == ["Conv+Swish"])

    var hard = start()
    hard.node(Add(), ["c", number(&hard, 3)], ["a"])
    hard.node(Clip(minimum: 0, maximum: 6), ["a"], ["k"])
    hard.node(Mul(), ["c", "k"], ["m"])
    hard.node(Div(), ["m", number(&hard, 6)], ["y"])
    hard.output("y")
    let plain = try check(hard.graph)
    #expect(plain.steps == ["Conv+HardSwish"])
    #expect(try check(hard.graph, taps: ["a", "k", "m", "c"]).output == plain.output)

    var gelu = start()
    gelu.node(Div(), ["c", number(&gelu, Float(2).squareRoot())], ["q"])
    gelu.node(Erf(), ["q"], ["e"])
    gelu.node(Add(), ["e", number(&gelu, 1)], ["p"])
    gelu.node(Mul(), ["c", "p"], ["m"])
    gelu.node(Mul(), ["m", number(&gelu, 0.5)], ["y"])
    gelu.output("y")
    #expect(try check(gelu.graph).steps == ["Conv+Gelu"])
  }

  @Test func almostActivationsAreNotTaken() throws {
    var builder = start()
    _ = builder.value("three", constant: Tensor([Float(2.5)], []))
    _ = builder.value("six", constant: Tensor([Float(6)], []))
    builder.node(Add(), ["c", "three"], ["a"])
    builder.node(Clip(minimum: 0, maximum: 6), ["a"], ["k"])
    builder.node(Mul(), ["c", "k"], ["m"])
    builder.node(Div(), ["m", "six"], ["y"])
    builder.output("y")
    #expect(!(try check(builder.graph).steps.contains { $0.contains("HardSwish") }))
  }

  @Test func zerosAroundAPictureBecomePadding() throws {
    var builder = GraphBuilder()
    builder.input("x", [1, 16, 6, 6])
    _ = builder.value("p", constant: Tensor([0, 0, 0, 0, 0, 0, 1, 1], [8]))
    constant(&builder, "w", [16, 16, 2, 2], seed: 1)
    builder.node(Pad(), ["x", "p"], ["q"])
    builder.node(Conv(), ["q", "w"], ["y"])
    builder.output("y")
    #expect(try check(builder.graph).steps == ["Conv"])
    #expect(try check(builder.graph, taps: ["q"]).steps.sorted() == ["Conv", "Pad"])
  }

  @Test func joinedChannelsAreWrittenInPlace() throws {
    var builder = start()
    constant(&builder, "v", [32, 16, 1, 1], seed: 5)
    builder.node(Conv(), ["c", "v"], ["d"])
    builder.node(Concat(axis: 1), ["c", "d"], ["j"])
    constant(&builder, "u", [16, 48, 1, 1], seed: 6)
    builder.node(Conv(), ["j", "u"], ["e"])
    builder.node(Concat(axis: 1), ["c", "d", "e"], ["k"])
    builder.node(GlobalAveragePool(), ["k"], ["y"])
    builder.output("y")
    #expect(try check(builder.graph).steps == ["Conv", "Conv", "Conv", "GlobalAveragePool"])
    #expect(try check(builder.graph, taps: ["j", "k", "d"]).steps.filter { $0 == "Concat" } == [])
  }

  @Test func shapeArithmeticIsFolded() throws {
    var builder = start()
    builder.node(ShapeOf(), ["c"], ["s"])
    _ = builder.value("zero", constant: Tensor([0], []))
    builder.node(Gather(axis: 0), ["s", "zero"], ["n"])
    builder.node(Unsqueeze(axes: [0]), ["n"], ["n1"])
    _ = builder.value("rest", constant: Tensor([-1], [1]))
    builder.node(Concat(axis: 0), ["n1", "rest"], ["t"])
    builder.node(Reshape(), ["c", "t"], ["y"])
    builder.output("y")
    #expect(try check(builder.graph).steps == ["Conv"])
  }

  @Test func absurdConstantsAreRefused() throws {
    var builder = GraphBuilder()
    builder.input("x", [1])
    _ = builder.value("shape", constant: Tensor([1 << 29], [1]))
    builder.node(ConstantOfShape(), ["shape"], ["a"])
    builder.node(ConstantOfShape(), ["shape"], ["b"])
    builder.node(Add(), ["a", "b"], ["y"])
    builder.output("y")
    let error = #expect(throws: InferenceError.self) { try builder.graph.specialized(inputs: [:]) }
    #expect(error?.description.contains("(ConstantOfShape)") == true)
  }
}
