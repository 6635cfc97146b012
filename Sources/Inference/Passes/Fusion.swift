import Tensors

/// Joins sums and activations to the operator whose kernel can apply them as it stores.
///
/// These fusions keep the arithmetic and its order, so no number depends on whether they are done. They are left out where they
/// would hide a tapped value.
struct Fusion {
  private var graph: Graph
  private let isVisible: Set<ValueID>
  private var uses: [Int]
  private var producers: [Int?]
  private var isGone: [Bool]
  /// Kernels between values in bfloat16 do not.
  private let roundsBeforeSums: Bool

  /// The graph after fusion; the values in `taps` stay readable.
  static func fuse(_ graph: Graph, keeping taps: Set<ValueID>, _ precision: Precision) -> Graph {
    fuse(SegmentedGraph(graph: graph, starts: []), keeping: taps, precision).graph
  }

  /// The same with backward passes: the first node of each stays its first node.
  static func fuse(_ unfused: SegmentedGraph, keeping taps: Set<ValueID>, _ precision: Precision) -> SegmentedGraph {
    let segmented = ChannelShuffle.gather(unfused, keeping: taps)
    var fusion = Fusion(segmented.graph, taps, precision)
    let graph = fusion.run()
    let starts = segmented.starts.map { start in fusion.isGone[..<start].count { !$0 } }
    return SegmentedGraph(graph: graph, starts: starts)
  }

  private init(_ graph: Graph, _ taps: Set<ValueID>, _ precision: Precision) {
    self.graph = graph
    roundsBeforeSums = precision != .bf16
    isVisible = taps.union(graph.outputs)
    uses = graph.consumers().map(\.count)
    producers = graph.producers()
    isGone = graph.nodes.map { _ in false }
  }

  private mutating func run() -> Graph {
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      if let merged = withActivation(node) ?? withResidual(node, at: index) ?? withBias(node) ?? withGate(node)
        ?? withoutSpread(node)
      {
        for case let output? in merged.hidden { producers[output].map { isGone[$0] = true } }
        graph.nodes[index] = merged.node
        if let output = merged.node.outputs[0] { producers[output] = index }
      }
    }
    graph.nodes = zip(graph.nodes, isGone).filter { !$1 }.map(\.0)
    return graph
  }

  private typealias Merged = (node: Node, hidden: [ValueID?])

  /// The node that computes a value which is read only once, and not by the caller.
  private func soleProducer(of value: ValueID?) -> Node? {
    guard let value, uses[value] == 1, !isVisible.contains(value), let index = producers[value] else { return nil }
    return graph.nodes[index]
  }

  /// base, then activation, perhaps a second one
  private func withActivation(_ node: Node) -> Merged? {
    guard let last = node.function(in: graph), let producer = soleProducer(of: node.inputs[0]),
      let function = producer.activation.map({ last.after($0) }) ?? last, producer.gate == nil,
      producer.fusions.contains(.activation), let output = producer.outputs[0],
      graph.type(of: output).element == .float32
    else { return nil }
    var merged = producer
    var fused = (producer.op as? Fused) ?? Fused(base: producer.op)
    fused.activation = function
    (merged.op, merged.outputs) = (fused, [node.outputs[0]])
    return (merged, [node.inputs[0]])
  }

  /// base, perhaps a quantisation, then a sum with another value of the same shape
  private func withResidual(_ node: Node, at index: Int) -> Merged? {
    guard node.op is Add, let output = node.outputs[0] else { return nil }
    // Of two convolutions the later one adds, when the result of the other is there.
    let sides = node.inputs.compactMap { $0 }.sorted { (producers[$0] ?? -1) > (producers[$1] ?? -1) }
    guard sides.count == 2, sides[0] != sides[1], graph.type(of: sides[0]) == graph.type(of: sides[1]),
      graph.type(of: output).element == .float32
    else { return nil }
    for (side, other) in [(sides[0], sides[1]), (sides[1], sides[0])] {
      guard var merged = soleProducer(of: side), let sum = withSum(merged) else { continue }
      (merged.op, merged.inputs) = (sum, merged.allInputs + [other])
      merged.outputs = [output]
      return (merged, [side])
    }
    return nil
  }

  /// The node's operator with a sum behind it, and behind a quantisation that is fused already.
  private func withSum(_ node: Node) -> Fused? {
    guard let fused = node.op as? Fused else {
      return node.fusions.contains(.residual) ? Fused(base: node.op, addsResidual: true) : nil
    }
    guard roundsBeforeSums, node.fusions.contains(.roundedSum), !fused.addsResidual, fused.gate == nil,
      let rounding = fused.activation as? FakeQuantize
    else { return nil }
    return Fused(base: fused.base, before: rounding, addsResidual: true)
  }

  /// A convolution, or a pool's adjoint, then the gate of a rectifier before it.
  private func withGate(_ node: Node) -> Merged? {
    guard let gate = (node.op as? ActivationGradient)?.function.gate, let producer = soleProducer(of: node.inputs[0]),
      let value = node.inputs[1]
    else { return nil }
    var merged = producer
    merged.outputs = node.outputs
    if var pool = producer.op as? MaxPoolGradient, pool.gate == nil, producer.inputs[1] == value {
      // The largest element of a window is what its gate looks at.
      pool.gate = gate
      merged.op = pool
      return (merged, [node.inputs[0]])
    }
    guard producer.fusions.contains(.gate), producer.gate == nil else { return nil }
    var fused = (producer.op as? Fused) ?? Fused(base: producer.op)
    fused.gate = gate
    (merged.op, merged.inputs) = (fused, producer.allInputs + [value])
    return (merged, [node.inputs[0]])
  }

  /// One number for each channel repeated over its plane, then the slope of a function: the slope's kernel repeats it.
  private func withoutSpread(_ node: Node) -> Merged? {
    guard let slope = node.op as? ActivationGradient, let producer = soleProducer(of: node.inputs[0]),
      producer.op is Expand, let small = producer.inputs[0], let value = node.inputs[1],
      isPlaneOfNumbers(small, graph.type(of: value).shape)
    else { return nil }
    var merged = node
    (merged.op, merged.inputs) = (SpreadSlope(slope: slope), [small, value])
    return (merged, [node.inputs[0]])
  }

  /// [N, C, 1, 1] for [N, C, H, W], nowhere empty.
  private func isPlaneOfNumbers(_ small: ValueID, _ shape: Shape) -> Bool {
    shape.rank == 4 && shape.count > 0 && shape.count < Int(Int32.max) / 16
      && graph.type(of: small).shape == [shape[0], shape[1], 1, 1]
  }

  /// MatMul by constant weights, then a sum with one constant for each column
  private func withBias(_ node: Node) -> Merged? {
    guard node.op is Add, node.inputs.count == 2, let output = node.outputs[0] else { return nil }
    for (value, bias) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let bias, let constant = graph.values[bias].constant, let producer = soleProducer(of: value),
        producer.op is MatMul, let weights = producer.inputs[1], let matrix = graph.values[weights].constant,
        matrix.shape.rank == 2, constant.shape == [matrix.shape[1]], graph.type(of: output).element == .float32
      else { continue }
      var merged = producer
      merged.op = BiasedMatMul()
      merged.inputs = [producer.inputs[0], weights, bias]
      merged.outputs = [output]
      return (merged, [value])
    }
    return nil
  }
}

extension Node {
  /// What its kernel can apply as it stores.
  fileprivate var fusions: Fusions { (baseOperator as? any Lowerable)?.fusions ?? [] }

  /// The inputs, with those of the operator that are absent, behind which others may be fused.
  fileprivate var allInputs: [ValueID?] {
    let missing = op is Fused ? 0 : (op as? any Lowerable)?.inputLimit.map { max(0, $0 - inputs.count) } ?? 0
    return inputs + [ValueID?](repeating: nil, count: missing)
  }
}
