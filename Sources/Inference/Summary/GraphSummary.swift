import Tensors

/// One layer as a user knows it: a node of the specialised graph, before any fusion.
package struct LayerSummary: Sendable {
  /// Its number, from 0, in the order of computation.
  package var index: Int
  package var name: String, op: String
  package var kind: LayerKind
  /// The ONNX name of its first output: what taps and `--layer` take.
  package var value: String
  /// The layers that it reads from, by number, in the order of its inputs.
  package var inputs: [Int]
  /// The extents of that output.
  package var outputShape: Shape
  /// Learned numbers: weights and biases, not running statistics.
  package var parameters: Int
  /// Multiply-adds of convolutions and matrix products.
  package var multiplyAdds: Int
  /// What a position of the output sees of the input; nil where it cannot be said by one window.
  package var receptiveField: ReceptiveField?
  /// The formula for the output's extents with the layer's own numbers.
  package var explanation: String
}

/// A network as a list of layers with their shapes and costs.
package struct GraphSummary: Sendable {
  /// In the order of computation.
  package var layers: [LayerSummary]

  package init(_ graph: Graph) {
    var tracker = FieldTracker(graph)
    var makers: [ValueID: Int] = [:]
    layers = []
    // What stands beside the outputs, such as scores before a softmax, is computed where it is asked for.
    for node in graph.nodes.needed(for: graph.outputs) {
      guard let output = node.outputs.first ?? nil else { continue }
      let cost = LayerCost(node, in: graph)
      for case let value? in node.outputs { makers[value] = layers.count }
      layers.append(
        LayerSummary(
          index: layers.count, name: node.name, op: node.op.name, kind: node.op.kind, value: graph.values[output].name,
          inputs: node.inputs.compactMap { $0.flatMap { makers[$0] } },
          outputShape: graph.values[output].type?.shape ?? [], parameters: cost.parameters,
          multiplyAdds: cost.multiplyAdds, receptiveField: tracker?.advance(over: node) ?? nil,
          explanation: OutputFormula.text(node, in: graph)))
    }
  }

  package var parameters: Int { layers.reduce(0) { saturating($0, plus: $1.parameters) } }

  package var multiplyAdds: Int { layers.reduce(0) { saturating($0, plus: $1.multiplyAdds) } }
}
