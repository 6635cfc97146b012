extension NodeProto {
  /// The node with other names for the values that it reads and computes, also inside its branches.
  func renamed(_ rename: (String) -> String) -> NodeProto {
    var node = self
    node.inputs = inputs.map { $0.isEmpty ? $0 : rename($0) }
    node.outputs = outputs.map { $0.isEmpty ? $0 : rename($0) }
    for index in node.attributes.indices {
      guard case .graph(let graph) = node.attributes[index].value else { continue }
      node.attributes[index].value = .graph(graph.renamed(rename))
    }
    return node
  }

  /// The branches of a node that chooses between parts of the network.
  var branches: [GraphProto] {
    attributes.compactMap { if case .graph(let graph) = $0.value { graph } else { nil } }
  }

  /// The names that it reads, also inside its branches where these come from outside.
  var readNames: [String] { inputs.filter { !$0.isEmpty } + branches.flatMap(\.capturedNames) }
}

extension GraphProto {
  /// With other names for all values.
  func renamed(_ rename: (String) -> String) -> GraphProto {
    var graph = self
    graph.nodes = nodes.map { $0.renamed(rename) }
    for index in graph.initializers.indices { graph.initializers[index].name = rename(initializers[index].name) }
    for index in graph.outputs.indices { graph.outputs[index].name = rename(outputs[index].name) }
    for index in graph.inputs.indices { graph.inputs[index].name = rename(inputs[index].name) }
    return graph
  }

  /// The names that a branch defines itself.
  var ownNames: Set<String> {
    Set(nodes.flatMap(\.outputs) + initializers.map(\.name) + inputs.map(\.name))
  }

  /// The names that a branch reads of the network around it.
  var capturedNames: [String] {
    let own = ownNames
    return (nodes.flatMap(\.readNames) + outputs.map(\.name)).filter { !own.contains($0) }
  }
}
