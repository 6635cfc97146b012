import Tensors

/// A network that ends in a 1x1 convolution with one channel per class, computed for a few classes only.
///
/// The convolution becomes a product with a few rows of its weights, which are inputs of the graph from then on.
struct NarrowedHead {
  /// The graph, with two more inputs: the rows, [K, C], and their biases, [K, 1].
  private(set) var graph: Graph
  let weights: Tensor
  let bias: Tensor?
  let inputs: (rows: ValueID, bias: ValueID)

  /// - Parameters:
  ///   - graph: specialised, for one picture, with one output, whose second axis are the classes.
  ///   - count: how many classes to compute, K.
  /// - Returns: nil for a network that ends in another way.
  init?(_ graph: Graph, channels count: Int) throws {
    guard let index = Self.convolution(before: graph.outputs[0], in: graph, channels: count),
      let input = graph.nodes[index].inputs[0], let value = graph.nodes[index].outputs[0],
      let weights = graph.nodes[index].inputs[1].flatMap({ graph.values[$0].constant })
    else { return nil }
    (self.graph, self.weights) = (graph, weights)
    bias = graph.nodes[index].inputs.dropFirst(2).first.flatMap { $0 }.flatMap { graph.values[$0].constant }
    let first = graph.values.count
    inputs = (first, first + 1)
    replace(index, input: input, output: value, count)
    self.graph = try self.graph.specialized(inputs: [:])
  }

  /// The node of the convolution whose channels are those of a value, with more of them than `count`; nil where there is none.
  static func convolution(before last: ValueID, in graph: Graph, channels count: Int) -> Int? {
    let (producers, consumers) = (graph.producers(), graph.consumers())
    var value = last
    while let index = producers[value], graph.nodes[index].op.isChannelwise,
      let input = graph.nodes[index].inputs[0]
    {
      guard consumers[input].count == 1 else { return nil }
      value = input
    }
    guard let index = producers[value], let conv = graph.nodes[index].op as? Conv, conv.groups == 1,
      conv.strides == Spatial(1, 1), let input = graph.nodes[index].inputs[0],
      let weights = graph.nodes[index].inputs[1].flatMap({ graph.values[$0].constant }), weights.type == .float32,
      weights.shape.rank == 4, weights.shape[2] * weights.shape[3] == 1, count < weights.shape[0],
      graph.type(of: input).shape.rank == 4,
      Planar(graph.type(of: value).shape).spatial == Planar(graph.type(of: input).shape).spatial
    else { return nil }
    return index
  }

  private mutating func replace(_ index: Int, input: ValueID, output: ValueID, _ count: Int) {
    let extent = Planar(graph.type(of: input).shape)
    let rows = add("chosen rows"), bias = add("chosen biases")
    for (value, extents) in [(rows, [count, extent.channels]), (bias, [count, 1])] {
      graph.inputs.append(DeclaredInput(value: value, element: .float32, extents: extents.map { .fixed($0) }))
    }
    // 0 keeps the batch's extent.
    let flat = add("positions in a row", Tensor([0, extent.channels, -1], [3]))
    let square = add("positions in rows", Tensor([0, count, extent.spatial.height, extent.spatial.width], [4]))
    let (matrix, product, sum) = (add("columns"), add("products"), add("sums"))
    let name = graph.nodes[index].name
    graph.nodes.replaceSubrange(
      index...index,
      with: [
        Node(name: "\(name), columns", op: Reshape(), inputs: [input, flat], outputs: [matrix]),
        Node(name: "\(name), products", op: MatMul(), inputs: [rows, matrix], outputs: [product]),
        Node(name: "\(name), sums", op: Add(), inputs: [product, bias], outputs: [sum]),
        Node(name: name, op: Reshape(), inputs: [sum, square], outputs: [output]),
      ])
    for index in graph.values.indices where graph.values[index].constant == nil { graph.values[index].type = nil }
  }

  private mutating func add(_ name: String, _ constant: Tensor? = nil) -> ValueID {
    graph.values.append(Value(name: "\(name) \(graph.values.count)", constant: constant))
    return graph.values.count - 1
  }
}
