import Tensors

extension Graph {
  /// For each value, the index of the node that computes it.
  package func producers() -> [Int?] {
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

  /// The values that a value is computed from, itself included.
  package func valuesLeading(to value: ValueID) -> Set<ValueID> { nodes.leading(to: [value]).values }

  /// The type of a value of a specialised graph.
  func type(of value: ValueID) -> TensorType {
    guard let type = values[value].type else {
      preconditionFailure("value '\(values[value].name)' has no type: the graph is not specialised")
    }
    return type
  }

  /// The shapes of a node's inputs, without axes for one that is absent.
  package func inputShapes(of node: Node) -> [Shape] { node.inputs.map { $0.flatMap { values[$0].type?.shape } ?? [] } }

  /// A node's inputs, where they are constant.
  func constants(of node: Node) -> [Tensor?] { node.inputs.map { $0.flatMap { values[$0].constant } } }

  /// The constant that a node reads at this input.
  func constant(_ inputs: [ValueID?], _ index: Int) -> Tensor? {
    index < inputs.count ? inputs[index].flatMap { values[$0].constant } : nil
  }

  /// The number that a constant of one element holds.
  func number(_ value: ValueID?) -> Float? {
    guard let constant = value.flatMap({ values[$0].constant }), constant.type == .float32, constant.shape.count == 1
    else { return nil }
    return constant.view.floats[0]
  }

  /// The node that computes the elements of a value, looking through those that only give them another shape or type; nil for
  /// an input of the network and for a constant.
  package func layer(computing value: ValueID) -> Node? {
    let producers = producers()
    var value = value
    while let node = producers[value].map({ nodes[$0] }) {
      guard node.op.keepsElements, let input = node.inputs.first ?? nil else { return node }
      value = input
    }
    return nil
  }
}

extension [Node] {
  /// For each node whether these values need it, and all values that they are computed from, themselves included.
  func leading(to wanted: some Sequence<ValueID>) -> (isNeeded: [Bool], values: Set<ValueID>) {
    var (isNeeded, values) = (map { _ in false }, Set(wanted))
    for (index, node) in enumerated().reversed()
    where node.outputs.contains(where: { $0.map(values.contains) ?? false }) {
      isNeeded[index] = true
      for case let input? in node.inputs { values.insert(input) }
    }
    return (isNeeded, values)
  }

  /// The nodes that some values are computed by, in order.
  func needed(for wanted: some Sequence<ValueID>) -> [Node] {
    zip(self, leading(to: wanted).isNeeded).filter(\.1).map(\.0)
  }
}
