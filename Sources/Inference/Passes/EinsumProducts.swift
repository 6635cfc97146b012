import Tensors

/// Einsum of two inputs becomes Transpose, Reshape and MatMul, which have kernels.
///
/// The letters are batches (in both inputs and the output), rows (of the left one), columns (of the right one) and what is summed.
func multiplyByMatrices(_ prepared: inout PreparedGraph) {
  guard prepared.graph.nodes.contains(where: { $0.op is Einsum }) else { return }
  var nodes: [Node] = []
  for node in prepared.graph.nodes {
    guard let op = node.op as? Einsum, var product = EinsumProduct(op, node, prepared.graph), product.build() else {
      nodes.append(node)
      continue
    }
    prepared.setAside(node)
    prepared.graph.values = product.graph.values
    nodes += product.nodes
  }
  prepared.graph.nodes = nodes
}

private struct EinsumProduct {
  private(set) var graph: Graph
  private(set) var nodes: [Node] = []
  private let node: Node
  private let terms: [[Character]], output: [Character]
  private let extents: [Character: Int]
  private let batch: [Character], rows: [Character], columns: [Character], summed: [Character]

  /// Nil where letters are doubled in one input, broadcast, or summed in one input only.
  init?(_ op: Einsum, _ node: Node, _ graph: Graph) {
    let shapes = graph.inputShapes(of: node)
    guard shapes.count == 2, let (terms, output) = try? op.equation.resolved(shapes.map(\.rank)),
      let extents = try? op.extents(shapes), terms.allSatisfy({ Set($0).count == $0.count }),
      zip(terms, shapes).allSatisfy({ term, shape in zip(term, shape.dimensions).allSatisfy { extents[$0] == $1 } }),
      shapes.allSatisfy({ $0.count > 0 })
    else { return nil }
    let (left, right) = (Set(terms[0]), Set(terms[1]))
    let batch = output.filter { left.contains($0) && right.contains($0) }
    let summed = terms[0].filter { right.contains($0) && !output.contains($0) }
    guard left.union(right).allSatisfy({ output.contains($0) || summed.contains($0) }) else { return nil }
    (self.batch, self.summed) = (batch, summed)
    (rows, columns) = (output.filter { !right.contains($0) }, output.filter { !left.contains($0) })
    (self.graph, self.node, self.terms, self.output, self.extents) = (graph, node, terms, output, extents)
  }

  mutating func build() -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], let result = node.outputs[0],
      let left = matrix(a, terms[0], [batch, rows, summed]), let right = matrix(b, terms[1], [batch, summed, columns]),
      let product = add(MatMul(), [left, right]),
      let spread = reshape(product, (batch + rows + columns).map { extents[$0] ?? 1 })
    else { return false }
    let order = output.compactMap { (batch + rows + columns).firstIndex(of: $0) }
    nodes.append(
      Node(name: node.name, op: Transpose(permutation: order), inputs: [spread], outputs: [result]))
    return order.count == output.count
  }

  /// The input with three axes, each of some letters.
  private mutating func matrix(_ value: ValueID, _ term: [Character], _ groups: [[Character]]) -> ValueID? {
    let order = groups.flatMap { $0 }.compactMap { term.firstIndex(of: $0) }
    guard order.count == term.count, let turned = add(Transpose(permutation: order), [value]) else { return nil }
    return reshape(turned, groups.map { $0.reduce(1) { $0 * (extents[$1] ?? 1) } })
  }

  private mutating func reshape(_ value: ValueID, _ extents: [Int]) -> ValueID? {
    let shape = Tensor(extents, [extents.count])
    graph.values.append(
      Value(name: "\(node.name)#\(graph.values.count)", type: TensorType(shape.type, shape.shape), constant: shape))
    return add(Reshape(), [value, graph.values.count - 1])
  }

  private mutating func add(_ op: any Operator, _ inputs: [ValueID]) -> ValueID? {
    let described = inputs.map { OperatorInput(graph.type(of: $0), constant: graph.values[$0].constant) }
    guard let type = (try? op.outputTypes(for: described))?.first else { return nil }
    graph.values.append(Value(name: "\(node.name)#\(graph.values.count)", type: type))
    nodes.append(Node(name: node.name, op: op, inputs: inputs, outputs: [graph.values.count - 1]))
    return graph.values.count - 1
  }
}
