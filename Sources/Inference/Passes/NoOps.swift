import Tensors

/// Identity, Dropout, casts to the type a value has, reshapes to the shape it has, permutations that keep the order, paddings by
/// nothing, and joins of one value: the readers of their output read their input instead.
func removeNoOps(_ prepared: inout PreparedGraph) {
  var source = Array(prepared.graph.values.indices)
  let outputs = Set(prepared.graph.outputs)
  for index in prepared.graph.nodes.indices {
    prepared.graph.nodes[index].inputs = prepared.graph.nodes[index].inputs.map { $0.map { source[$0] } }
    let node = prepared.graph.nodes[index]
    guard isNoOp(node, prepared.graph), let input = node.inputs[0], let output = node.outputs[0],
      !outputs.contains(output)
    else { continue }
    source[output] = input
  }
}

private func isNoOp(_ node: Node, _ graph: Graph) -> Bool {
  guard let first = node.inputs.first, let input = first, let second = node.outputs.first, let output = second,
    graph.type(of: input) == graph.type(of: output)
  else { return false }
  return node.op.isNoOp(graph.inputShapes(of: node), graph.constants(of: node))
}
