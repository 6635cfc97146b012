import Tensors

/// Adds the nodes of a backward pass to a specialised graph.
final class GradientBuilder {
  /// The forward graph with the values that have been added; its nodes are the forward ones.
  private(set) var graph: Graph
  /// The nodes of the backward pass, in order.
  private(set) var nodes: [Node] = []
  private let derived: DerivedConstants
  /// What the nodes that are added now belong to.
  var place = ""

  init(_ graph: Graph, derived: DerivedConstants) { (self.graph, self.derived) = (graph, derived) }

  /// A value that no node computes; the caller fills it.
  func value(_ name: String, _ shape: Shape) -> ValueID {
    graph.values.append(Value(name: name, type: TensorType(.float32, shape)))
    return graph.values.count - 1
  }

  /// Adds a node of one output.
  func add(_ op: any Operator, _ inputs: [ValueID?]) throws -> ValueID {
    try add(op, inputs, outputs: 1)[0]
  }

  func add(_ op: any Operator, _ inputs: [ValueID?], outputs: Int) throws -> [ValueID] {
    var node = Node(name: "grad:\(place)", op: op, inputs: inputs, outputs: [])
    let types: [TensorType]
    do {
      types = try op.outputTypes(
        for: inputs.map { $0.map { OperatorInput(graph.type(of: $0), constant: graph.values[$0].constant) } })
    } catch let error as OperatorError {
      throw InferenceError(node, error.description)
    }
    let results = (0..<outputs).map { index in
      graph.values.append(Value(name: "grad:\(place)#\(graph.values.count)", type: types[index]))
      return graph.values.count - 1
    }
    node.outputs = results
    nodes.append(node)
    return results
  }

  /// Removes the nodes that none of these values needs.
  /// - Parameter first: where the nodes of the pass begin.
  func removeUnused(from first: Int, keeping values: [ValueID]) {
    nodes[first...] = ArraySlice(Array(nodes[first...]).needed(for: values))
  }

  /// The node of the backward passes that computes a value.
  func producer(of value: ValueID) -> Node? { nodes.last { $0.outputs.contains(value) } }

  func constant(_ tensor: Tensor) -> ValueID {
    let type = TensorType(tensor.type, tensor.shape)
    graph.values.append(Value(name: "grad:\(place)#\(graph.values.count)", type: type, constant: tensor))
    return graph.values.count - 1
  }

  /// A constant made from another one; made once, so that it is packed once.
  func derived(from source: Tensor, _ kind: String, _ make: (Tensor) -> Tensor) -> ValueID {
    constant(derived.made(of: [source], kind) { make(source) })
  }

  /// The sum of two values of one shape.
  func sum(_ a: ValueID?, _ b: ValueID) throws -> ValueID {
    guard let a else { return b }
    return try add(Add(), [a, b])
  }

  /// A gradient of a broadcast value summed over the axes of the broadcast, under that value's shape.
  func reduce(_ gradient: ValueID, to shape: Shape) throws -> ValueID {
    let from = graph.type(of: gradient).shape
    guard from != shape else { return gradient }
    guard from.count != shape.count else { return try reshape(gradient, to: shape) }
    let missing = from.rank - shape.rank
    let axes = (0..<from.rank).filter { $0 < missing || (shape[$0 - missing] == 1 && from[$0] != 1) }
    if missing == 0, from.rank > 2, axes == Array(2..<from.rank) {
      // Sums of planes are means of them to the kernels.
      let count = Float(from.dimensions[2...].reduce(1, *))
      return try add(Mul(), [add(GlobalAveragePool(), [gradient]), constant(Tensor([count], []))])
    }
    return try reshape(add(Reduce(.sum, axes: axes), [gradient]), to: shape)
  }

  /// The same elements under another shape.
  func reshape(_ value: ValueID, to shape: Shape) throws -> ValueID {
    guard graph.type(of: value).shape != shape else { return value }
    let extents = Tensor(shape.dimensions, [shape.rank])
    return try add(Reshape(allowZero: true), [value, constant(extents)])
  }

  /// The value repeated by broadcasting.
  func expand(_ value: ValueID, to shape: Shape) throws -> ValueID {
    guard graph.type(of: value).shape != shape else { return value }
    return try add(Expand(), [value, constant(Tensor(shape.dimensions, [shape.rank]))])
  }
}
