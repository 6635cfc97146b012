import Tensors

/// Networks that were made for whole numbers have QuantizeLinear and DequantizeLinear before their layers. Together the two only round
/// to levels, which the kernel of the layer before does as it stores. Done where both have the same constant scale and zero point, of
/// one number.
func joinQuantization(_ prepared: inout PreparedGraph) {
  let producers = prepared.graph.producers()
  for index in prepared.graph.nodes.indices {
    let (graph, node) = (prepared.graph, prepared.graph.nodes[index])
    guard node.op is DequantizeLinear, let whole = node.inputs[0], let producer = producers[whole] else { continue }
    let quantize = graph.nodes[producer]
    guard quantize.op is QuantizeLinear, let scale = graph.number(node.inputs[1]), (1e-30...1e30).contains(scale),
      graph.number(quantize.inputs[1]) == scale, let zero = graph.zeroPoint(of: node),
      graph.zeroPoint(of: quantize) == zero, let range = graph.type(of: whole).element.wholeNumbers
    else { continue }
    var merged = node
    merged.op = FakeQuantize(step: scale, low: Float(range.lowerBound - zero), high: Float(range.upperBound - zero))
    merged.inputs = [quantize.inputs[0]]
    prepared.replace(index, with: merged)
  }
}

extension Graph {
  /// The constant zero point of a node's third input, 0 without one; nil where it is computed or of several numbers.
  fileprivate func zeroPoint(of node: Node) -> Int? {
    guard node.inputs.count > 2, let value = node.inputs[2] else { return 0 }
    guard let constant = values[value].constant, constant.shape.count == 1 else { return nil }
    return constant.wholeNumber
  }
}
