import Tensors

/// The most bytes that the constants computed at load may take together.
private let constantBudget = 512 << 20
/// The most bytes that one value may take.
private let valueBudget = 64 << 30

extension Graph {
  /// The graph with a size for every extent: every value has a type, and what does not depend on the inputs is a constant.
  /// - Parameter inputs: shapes by input name. An open batch is 1 unless given; any other open extent must be given.
  /// - Throws: `InferenceError` naming the node, its operator and what is wrong.
  package func specialized(inputs shapes: [String: Shape]) throws -> Graph {
    try specialized(inputs: shapes, like: nil)
  }

  /// - Parameter earlier: this graph specialised for other extents or with other parameters. Constants that would come out as there are
  ///   taken from there, so that what was packed of them is found again.
  func specialized(inputs shapes: [String: Shape], like earlier: Graph?) throws -> Graph {
    let types = try inputTypes(shapes)
    if isSpecialized { return self }
    var specializer = Specializer(graph: self, earlier: earlier)
    for (index, type) in types.enumerated() {
      let value = inputs[index].value
      try specializer.define(value, type, at: "input '\(values[value].name)'")
      // The extents are fixed from now on: a specialised graph can be specialised again without shapes.
      specializer.graph.inputs[index].extents = type.shape.dimensions.map { .fixed($0) }
    }
    return try specializer.run()
  }

  /// The graph before it was specialised: values have no types, and nodes with constant results compute them again.
  func unspecialized() -> Graph {
    guard isSpecialized else { return self }
    var graph = self
    let all = unfolded ?? nodes
    graph.forget(all)
    graph.nodes = all
    return graph
  }

  /// Values that these nodes compute, also in branches, have no types any more.
  private mutating func forget(_ nodes: [Node]) {
    for node in nodes {
      for case let output? in node.outputs { (values[output].type, values[output].constant) = (nil, nil) }
      guard let conditional = node.op as? Conditional else { continue }
      forget(conditional.whenTrue.nodes)
      forget(conditional.whenFalse.nodes)
    }
  }
}

/// Infers types and folds constants, node by node.
private struct Specializer {
  var graph: Graph
  let earlier: Graph?
  var defined: [Bool]
  var foldedBytes = 0

  init(graph: Graph, earlier: Graph?) {
    (self.graph, self.earlier) = (graph, earlier)
    defined = graph.values.map { $0.constant != nil }
    for (index, value) in graph.values.enumerated() {
      if let constant = value.constant { self.graph.values[index].type = TensorType(constant.type, constant.shape) }
    }
  }

  mutating func define(_ value: ValueID, _ type: TensorType, at place: String) throws {
    guard let bytes = type.checkedByteCount, bytes <= valueBudget else {
      throw InferenceError("\(place): a value of \(type) does not fit in memory; ask for smaller extents")
    }
    graph.values[value].type = type
    defined[value] = true
  }

  mutating func run() throws -> Graph {
    var kept: [Node] = []
    // The next node is the last one here: a branch that is taken is put on top.
    var waiting = Array(graph.nodes.reversed())
    while let node = waiting.popLast() {
      if let conditional = node.op as? Conditional {
        waiting += try taken(conditional, node).reversed()
        continue
      }
      let types = try outputTypes(of: node)
      if isConstant(node) {
        try fold(node, types)
      } else {
        kept.append(node)
      }
    }
    for output in graph.outputs where !defined[output] {
      throw InferenceError("no node computes the output '\(graph.values[output].name)'; the model is damaged")
    }
    let all = graph.nodes
    let isChanged = kept.count < all.count || all.contains { $0.op is Conditional }
    if isChanged { graph.nodes = kept }
    graph.unfolded = isChanged ? all : nil
    graph.isSpecialized = true
    return graph
  }

  /// The nodes of the branch that a conditional takes, then those that give its outputs their names.
  private func taken(_ conditional: Conditional, _ node: Node) throws -> [Node] {
    let condition = node.inputs.first.flatMap { $0 }.flatMap { graph.values[$0].constant }
    let branch: Conditional.Branch
    do { branch = try conditional.branch(condition) } catch let error as OperatorError {
      throw InferenceError(node, error.description)
    }
    guard branch.outputs.count >= node.outputs.count else {
      throw InferenceError(
        node, "it has \(node.outputs.count) outputs, the branch that is taken only \(branch.outputs.count)")
    }
    let named = zip(branch.outputs, node.outputs).map {
      Node(name: node.name, op: Identity(), inputs: [$0], outputs: [$1])
    }
    return branch.nodes + named
  }

  private mutating func outputTypes(of node: Node) throws -> [TensorType] {
    let inputs = try node.inputs.map { try $0.map { try operatorInput($0, of: node) } }
    let types: [TensorType]
    do {
      types = try node.op.outputTypes(for: inputs)
    } catch let error as OperatorError {
      throw InferenceError(node, error.description)
    }
    guard types.count >= node.outputs.count else {
      throw InferenceError(node, "it has \(node.outputs.count) outputs in the model, the operator only \(types.count)")
    }
    for (output, type) in zip(node.outputs, types) {
      if let output { try define(output, type, at: "node '\(node.name)' (\(node.op.name))") }
    }
    return types
  }

  private func operatorInput(_ value: ValueID, of node: Node) throws -> OperatorInput {
    guard graph.values.indices.contains(value), defined[value], let type = graph.values[value].type else {
      throw InferenceError(node, "its input is computed by no node before it; the model is damaged")
    }
    return OperatorInput(type, constant: graph.values[value].constant)
  }

  private func isConstant(_ node: Node) -> Bool {
    node.op.readsTypesOnly || node.inputs.allSatisfy { $0.map { graph.values[$0].constant != nil } ?? true }
  }

  private mutating func fold(_ node: Node, _ types: [TensorType]) throws {
    for type in types {
      guard let bytes = type.checkedByteCount, bytes <= constantBudget - foldedBytes else {
        throw InferenceError(node, "its constant result of \(type) is too large to compute at load")
      }
      foldedBytes += bytes
    }
    if let results = earlierResults(of: node, types) {
      for (output, result) in zip(node.outputs, results) { if let output { graph.values[output].constant = result } }
      return
    }
    let results = types.map { Tensor($0.element, $0.shape) }
    let placeholder = Tensor(.uint8, [0])
    let inputs = node.inputs.map { input in
      input.map { id in
        graph.values[id].constant?.view
          ?? TensorView(graph.type(of: id).element, graph.type(of: id).shape, placeholder.view.pointer)
      }
    }
    withExtendedLifetime((placeholder, graph)) { node.op.forward(inputs, results.map(\.view)) }
    for (output, result) in zip(node.outputs, results) {
      if let output { graph.values[output].constant = result }
    }
  }
  /// What the node's results were, when it reads the very same tensors; Shape and Size read types.
  private func earlierResults(of node: Node, _ types: [TensorType]) -> [Tensor?]? {
    guard let earlier else { return nil }
    let readsTypes = node.op is ShapeOf || node.op is SizeOf
    for case let input? in node.inputs {
      let (now, then) = (graph.values[input], earlier.values[input])
      guard now.type == then.type, readsTypes || now.constant?.storage === then.constant?.storage else { return nil }
    }
    let results = node.outputs.map { $0.flatMap { earlier.values[$0].constant } }
    let isComplete = zip(node.outputs, zip(results, types)).allSatisfy { output, made in
      output == nil || made.0.map { TensorType($0.type, $0.shape) } == made.1
    }
    return isComplete ? results : nil
  }
}
