import Foundation
import Inference
import Tensors
import Testing

@testable import Explanations

/// The layer that CAM methods look at, whatever the order of its axes.
@Suite struct AxisTests {
  /// A network from "x" [1, 3, 13, 11] with a convolution of stride 2 to "c" [1, 16, 6, 5], and numbers that are the same each time.
  private struct Builder {
    var graph = Graph(name: "axes", values: [], nodes: [], inputs: [], outputs: [])
    private var seed: UInt64 = 1

    init() {
      graph.inputs = [DeclaredInput(value: value("x"), element: .float32, extents: [1, 3, 13, 11].map { .fixed($0) })]
      constant("w", [16, 3, 3, 3])
      constant("head", [16, 4])
      add(Conv(strides: Spatial(2, 2)), ["x", "w"], "c")
    }

    mutating func value(_ name: String) -> ValueID {
      if let known = graph.value(named: name) { return known }
      graph.values.append(Value(name: name))
      return graph.values.count - 1
    }

    mutating func constant(_ name: String, _ shape: Shape) {
      let numbers = (0..<shape.count).map { _ in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: seed) >> 40) / Float(1 << 23)
      }
      graph.values[value(name)].constant = Tensor(numbers, shape)
    }

    mutating func integers(_ name: String, _ numbers: [Int]) {
      graph.values[value(name)].constant = Tensor(numbers, [numbers.count])
    }

    mutating func add(_ op: any Operator, _ inputs: [String], _ output: String) {
      let ids = inputs.map { value($0) }
      graph.nodes.append(Node(name: output, op: op, inputs: ids, outputs: [value(output)]))
    }

    mutating func finished(_ output: String) throws -> Graph {
      graph.outputs = [value(output)]
      return try graph.specialized(inputs: [:])
    }
  }

  /// The same network in the usual order, with channels last before and behind the rectifier, and as a list of positions.
  enum Form: String, CaseIterable { case planes, channelsLast, channelsLastBefore, positions }

  private func network(_ form: Form) throws -> Graph {
    var net = Builder()
    let last = Transpose(permutation: [0, 2, 3, 1])
    switch form {
    case .planes:
      net.add(Relu(), ["c"], "r")
      net.add(GlobalAveragePool(), ["r"], "g")
      net.add(Flatten(), ["g"], "f")
    case .channelsLast:
      net.add(Relu(), ["c"], "r")
      net.add(last, ["r"], "t")
      net.add(Reduce(.mean, axes: [1, 2], keepsAxes: false), ["t"], "f")
    case .channelsLastBefore:
      net.add(last, ["c"], "t")
      net.add(Relu(), ["t"], "r")
      net.add(Reduce(.mean, axes: [1, 2], keepsAxes: false), ["r"], "f")
    case .positions:
      net.integers("list", [1, 16, 30])
      net.add(Reshape(), ["c", "list"], "l")
      net.add(Transpose(permutation: [0, 2, 1]), ["l"], "t")
      net.add(Relu(), ["t"], "r")
      net.add(Reduce(.mean, axes: [1], keepsAxes: false), ["r"], "f")
    }
    net.add(MatMul(), ["f", "head"], "y")
    return try net.finished("y")
  }

  private func map(
    _ method: String, _ form: Form, _ target: Target = .score(.index(1), minus: nil)
  ) throws -> SaliencyMap {
    let network = try ExplainedNetwork(network(form))
    let session = try CompiledNetwork(network.graph, options: NetworkOptions(threads: 1)).session()
    let input = session.inputs[0].view.floats
    for i in input.indices { input[i] = sinf(Float(i) * 0.7) + Float(i % 11) / 11 }
    let explainer = try Explainer(
      MethodTable.method(named: method), of: network, in: session, target: target)
    // CAM looks at the very value that is averaged.
    if explainer.method.looksAtLayer {
      #expect(explainer.layers == [method == "cam" && form == .channelsLast ? "t" : "r"], "\(form)")
    }
    try session.run()
    try explainer.explain()
    return explainer.map
  }

  @Test(arguments: [
    "grad-cam", "grad-cam++", "hirescam", "layer-cam", "cam", "eigen-cam", "score-cam", "ablation-cam", "xgrad-cam",
  ])
  func theOrderOfAxesChangesNoMap(method: String) throws {
    let planes = try map(method, .planes)
    #expect(planes.height == 6 && planes.width == 5 && planes.range.high > planes.range.low)
    for form in Form.allCases where form != .planes {
      let other = try map(method, form)
      #expect(other.height == 6 && other.width == 5)
      #expect(difference(Array(other.values), Array(planes.values)) < 1e-4, "\(method), \(form)")
    }
  }

  /// A channel, or one of its units, is the same thing in every order of the axes.
  @Test(arguments: [
    Target.channel(layer: "r", 3), .unit(layer: "r", channel: 5, position: nil),
    .unit(layer: "r", channel: 5, position: .init(y: 2, x: 4)),
  ])
  func theOrderOfAxesChangesNoTarget(target: Target) throws {
    let planes = try map("gradient", .planes, target)
    #expect(planes.range.high > planes.range.low)
    for form in Form.allCases where form != .planes {
      let other = try map("gradient", form, target)
      #expect(difference(Array(other.values), Array(planes.values)) < 1e-4, "\(form)")
    }
  }

  @Test(arguments: [Form.channelsLastBefore, .positions]) func gatheredValuesGoBackToTheirPlaces(form: Form) throws {
    let network = try ExplainedNetwork(network(form))
    let layout = try #require(network.layout(of: "r"))
    #expect(layout.extent == SpatialExtent([1, 16, 6, 5]) && !layout.isPlanar)
    let values = (0..<layout.count).map { Float($0) }
    var (planes, back) = (values.map { _ in Float(0) }, values.map { _ in Float(0) })
    layout.gather(values, into: &planes)
    layout.scatter(planes, into: &back)
    #expect(planes != values && back == values)
    #expect(
      planes[30] == 1 && planes[1] == 16,
      "the second channel begins behind the first, which steps over sixteen channels")
  }

  /// What is pooled to one position is no map, also where its channels come last.
  @Test func pooledValuesAreNoLayers() throws {
    var net = Builder()
    net.add(Relu(), ["c"], "r")
    net.add(GlobalAveragePool(), ["r"], "g")
    net.add(Transpose(permutation: [0, 2, 3, 1]), ["g"], "t")
    net.constant("ones", [16])
    net.add(Mul(), ["t", "ones"], "n")
    net.add(Flatten(), ["n"], "f")
    net.add(MatMul(), ["f", "head"], "y")
    let network = try ExplainedNetwork(net.finished("y"))
    #expect(network.lastSpatialLayer(before: "y") == "r")
  }

  /// Windows of 3 x 5 positions cut out, multiplied, and put together again.
  @Test func windowsAreFollowedThereAndBack() throws {
    var net = Builder()
    net.add(Transpose(permutation: [0, 2, 3, 1]), ["c"], "t")
    net.integers("cut", [1, 2, 3, 1, 5, 16])
    net.add(Reshape(), ["t", "cut"], "six")
    net.add(Transpose(permutation: [0, 1, 3, 2, 4, 5]), ["six"], "turned")
    net.integers("windows", [2, 15, 16])
    net.add(Reshape(), ["turned", "windows"], "each")
    net.constant("mix", [16, 16])
    net.add(MatMul(), ["each", "mix"], "mixed")
    net.integers("back", [1, 2, 1, 3, 5, 16])
    net.add(Reshape(), ["mixed", "back"], "split")
    net.add(Transpose(permutation: [0, 1, 3, 2, 4, 5]), ["split"], "joined")
    net.integers("whole", [1, 6, 5, 16])
    net.add(Reshape(), ["joined", "whole"], "z")
    net.add(Relu(), ["z"], "r")
    net.add(Reduce(.mean, axes: [1, 2], keepsAxes: false), ["r"], "f")
    net.add(MatMul(), ["f", "head"], "y")
    let network = try ExplainedNetwork(net.finished("y"))
    #expect(network.lastSpatialLayer(before: "y") == "r")
    #expect(network.layout(of: "r")?.extent == SpatialExtent([1, 16, 6, 5]))
    #expect(network.graph.value(named: "each").map { !network.isMap($0) } == true)
  }
}
