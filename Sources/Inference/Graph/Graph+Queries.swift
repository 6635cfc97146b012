import Tensors

extension Graph {
  /// For each value, the index of the node that computes it.
  func producers() -> [Int?] {
    var producers = [Int?](repeating: nil, count: values.count)
    for (index, node) in nodes.enumerated() {
      for case let output? in node.outputs { producers[output] = index }
    }
    return producers
  }

  /// For each value, the indices of the nodes that read it, once per use.
  func consumers() -> [[Int]] {
    var consumers = [[Int]](repeating: [], count: values.count)
    for (index, node) in nodes.enumerated() {
      for case let input? in node.inputs { consumers[input].append(index) }
    }
    return consumers
  }

  /// The type of a value of a specialised graph.
  func type(of value: ValueID) -> TensorType {
    guard let type = values[value].type else {
      preconditionFailure("value '\(values[value].name)' has no type: the graph is not specialised")
    }
    return type
  }
}
