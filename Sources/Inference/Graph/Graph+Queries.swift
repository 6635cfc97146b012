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

  /// The elements of the constant of this name.
  func constant(named name: String) -> Tensor? { value(named: name).flatMap { values[$0].constant } }

  /// The type of a value of a specialised graph.
  func type(of value: ValueID) -> TensorType {
    guard let type = values[value].type else {
      preconditionFailure("value '\(values[value].name)' has no type: the graph is not specialised")
    }
    return type
  }

  /// How a convolution or a pool slides over its first input; nil for other operators.
  func window(of node: Node) -> Window? {
    switch node.op {
    case let conv as Conv: spatial(node.inputs[1]).map { conv.window(kernel: $0) }
    case let pool as MaxPool: pool.window
    case let pool as AveragePool: pool.window
    case let pool as LpPool: pool.window
    default: nil
    }
  }

  /// The last two extents of a value, the last one alone of [N, C, W]; nil for fewer axes.
  func spatial(_ value: ValueID?) -> Spatial? {
    guard let value, let shape = values[value].type?.shape, shape.rank >= 3 else { return nil }
    return Spatial(shape.rank == 3 ? 1 : shape[-2], shape[-1])
  }
}
