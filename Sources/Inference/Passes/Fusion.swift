import Tensors

/// Joins sums and activations to the operator whose kernel can apply them as it stores.
///
/// These fusions keep the arithmetic and its order, so it does not matter to any number whether they are done; they are not done
/// where they would hide a tapped value.
struct Fusion {
  private var graph: Graph
  private let isVisible: Set<ValueID>
  private var uses: [Int]
  private var producers: [Int?]
  private var isGone: [Bool]

  /// The graph after fusion; the values in `taps` stay readable.
  static func fuse(_ graph: Graph, keeping taps: Set<ValueID>) -> Graph {
    fuse(SegmentedGraph(graph: graph, starts: []), keeping: taps).graph
  }

  /// As above; what begins a segment still does.
  static func fuse(_ segmented: SegmentedGraph, keeping taps: Set<ValueID>) -> SegmentedGraph {
    var fusion = Fusion(segmented.graph, taps)
    let graph = fusion.run()
    let starts = segmented.starts.map { start in fusion.isGone[..<start].count { !$0 } }
    return SegmentedGraph(graph: graph, starts: starts)
  }

  private init(_ graph: Graph, _ taps: Set<ValueID>) {
    self.graph = graph
    isVisible = taps.union(graph.outputs)
    uses = graph.consumers().map(\.count)
    producers = graph.producers()
    isGone = graph.nodes.map { _ in false }
  }

  private mutating func run() -> Graph {
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      if let merged = withActivation(node) ?? withResidual(node, at: index) ?? withBias(node) {
        for case let output? in merged.hidden { producers[output].map { isGone[$0] = true } }
        graph.nodes[index] = merged.node
        if let output = merged.node.outputs[0] { producers[output] = index }
      }
    }
    graph.nodes = zip(graph.nodes, isGone).filter { !$1 }.map(\.0)
    return graph
  }

  private typealias Merged = (node: Node, hidden: [ValueID?])

  /// The node that computes a value which nobody else reads.
  private func soleProducer(of value: ValueID?) -> Node? {
    guard let value, uses[value] == 1, !isVisible.contains(value), let index = producers[value] else { return nil }
    return graph.nodes[index]
  }

  /// base, then activation
  private func withActivation(_ node: Node) -> Merged? {
    guard KernelActivation(node, graph) != nil, let producer = soleProducer(of: node.inputs[0]),
      producer.activation == nil, producer.baseOperator.takesActivation(producer, graph)
    else { return nil }
    var merged = producer
    var fused = (producer.op as? Fused) ?? Fused(base: producer.op)
    fused.activation = KernelActivation.withoutInputs(node, graph)
    (merged.op, merged.outputs) = (fused, [node.outputs[0]])
    return ((merged), [node.inputs[0]])
  }

  /// base, then a sum with another value of the same shape
  private func withResidual(_ node: Node, at index: Int) -> Merged? {
    guard node.op is Add, let output = node.outputs[0] else { return nil }
    // Of two convolutions the later one adds: then the other is done already.
    let sides = node.inputs.compactMap { $0 }.sorted { (producers[$0] ?? -1) > (producers[$1] ?? -1) }
    guard sides.count == 2, sides[0] != sides[1] else { return nil }
    guard graph.type(of: sides[0]) == graph.type(of: sides[1]), graph.type(of: output).element == .float32,
      let producer = soleProducer(of: sides[0]), producer.baseOperator is Conv, !(producer.op is Fused)
    else { return nil }
    var merged = producer
    let inputs = producer.inputs + [ValueID?](repeating: nil, count: max(0, 3 - producer.inputs.count))
    (merged.op, merged.inputs) = (Fused(base: producer.op, addsResidual: true), inputs + [sides[1]])
    merged.outputs = [output]
    return (merged, [sides[0]])
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

/// x [..., K] times constant weights [K, N], plus bias [N].
struct BiasedMatMul: Operator {
  let name = "MatMul+Add"

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try MatMul().outputTypes(for: Array(inputs.prefix(2)))
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    MatMul().forward(Array(inputs.prefix(2)), outputs)
    guard let bias = inputs[2]?.floats else { return }
    let y = outputs[0].floats
    for i in y.indices { y[i] += bias[i % bias.count] }
  }
}

extension Operator {
  /// True when the operator's kernel can apply an activation as it stores.
  func takesActivation(_ node: Node, _ graph: Graph) -> Bool {
    switch self {
    case is Conv, is ConvTranspose, is Gemm, is BiasedMatMul, is BatchNormalization: return true
    case is Add, is Mul, is Sub, is Div: return node.outputs[0].map { graph.type(of: $0).element == .float32 } ?? false
    default: return false
    }
  }
}
