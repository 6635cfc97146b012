import Tensors

/// Pad with zeros before a convolution, or before an average that counts padding, becomes the window's own padding.
func absorbPadding(_ prepared: inout PreparedGraph) {
  let producers = prepared.graph.producers()
  for (index, node) in prepared.graph.nodes.enumerated() {
    guard let input = node.inputs.first.flatMap({ $0 }), let producer = producers[input],
      let pads = zeroPads(prepared.graph.nodes[producer], prepared.graph),
      let op = operatorWith(pads, node, prepared.graph)
    else { continue }
    var merged = node
    merged.op = op
    merged.inputs[0] = prepared.graph.nodes[producer].inputs[0]
    prepared.replace(index, with: merged)
  }
}

/// The rows and columns of zeros that a node adds, when it does nothing else.
private func zeroPads(_ node: Node, _ graph: Graph) -> Pads? {
  guard let pad = node.op as? Pad, pad.mode == .constant, let input = node.inputs[0] else { return nil }
  guard pad.pads != nil ? pad.value == 0 : isZero(node.inputs.count > 2 ? node.inputs[2] : nil, graph) else {
    return nil
  }
  let rank = graph.type(of: input).shape.rank
  guard rank == 3 || rank == 4, let amounts = pad.amounts(graph.constants(of: node), rank: rank),
    amounts.allSatisfy({ $0.axis < 2 ? $0.before == 0 && $0.after == 0 : $0.before >= 0 && $0.after >= 0 })
  else { return nil }
  var pads = Pads.none
  for (axis, before, after) in amounts where axis >= 2 {
    if axis == rank - 1 { (pads.left, pads.right) = (before, after) } else { (pads.top, pads.bottom) = (before, after) }
  }
  return pads
}

private func isZero(_ value: ValueID?, _ graph: Graph) -> Bool {
  guard let value else { return true }
  guard let constant = graph.values[value].constant, constant.type == .float32, constant.shape.count == 1 else {
    return false
  }
  return constant.view.floats[0] == 0
}

/// The node's operator with these pads added to its own; nil when that would be something else.
private func operatorWith(_ pads: Pads, _ node: Node, _ graph: Graph) -> (any Operator)? {
  guard let input = node.inputs[0], let output = node.outputs[0] else { return nil }
  let spatial = Planar(graph.type(of: input).shape).spatial
  let (rows, columns) = (spatial.height, spatial.width)
  func sum(_ own: Pads) -> Padding {
    .explicit(
      Pads(
        top: own.top + pads.top, left: own.left + pads.left, bottom: own.bottom + pads.bottom,
        right: own.right + pads.right))
  }
  switch node.op {
  case var conv as Conv:
    guard let weights = node.inputs[1] else { return nil }
    let kernel = Planar(graph.type(of: weights).shape).spatial
    conv.padding = sum(conv.resolvedPads(input: Spatial(rows, columns), kernel: kernel))
    return conv
  case var pool as AveragePool:
    let own = pool.window.resolvedPads(input: Spatial(rows, columns))
    guard pool.countsPadding || own == .none, !pool.window.ceilMode else { return nil }
    pool.window.padding = sum(own)
    pool.countsPadding = true
    let inner = Spatial(rows - pads.top - pads.bottom, columns - pads.left - pads.right)
    let span = pool.window.span
    guard pads.top < span.height, pads.bottom < span.height, pads.left < span.width, pads.right < span.width,
      let extents = try? pool.window.output(input: inner),
      extents == Planar(graph.type(of: output).shape).spatial
    else { return nil }
    return pool
  default: return nil
  }
}
