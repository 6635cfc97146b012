import Tensors

/// The backward pass for one request.
struct BackwardPass {
  var nodes: [Node]
  /// For each of `of`, the value that the caller fills.
  var seeds: [ValueID]
  /// For each of `withRespectTo`, its gradient; nil where it is zero everywhere.
  var gradients: [ValueID?]
}

/// Reverse mode: walks from the values that are differentiated back to what they are differentiated by, and adds for each node
/// on the way the nodes that its operator wants (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3).
struct Differentiation {
  private let builder: GradientBuilder
  private let rule: GradientRule
  /// The gradients found so far, by value.
  private var gradients: [ValueID: ValueID] = [:]
  /// Rectifiers whose gradient has been taken behind the Concat that joins them.
  private var passedRectifiers: Set<ValueID> = []

  /// Adds a backward pass.
  /// - Parameters:
  ///   - nodes: the forward nodes, in topological order, as they are to be differentiated.
  ///   - number: which request it is, for the names of its seeds.
  /// - Throws: `InferenceError` naming every operator on the way that has no gradient.
  static func add(
    _ task: GradientTask, number: Int, nodes: [Node], to builder: GradientBuilder
  ) throws -> BackwardPass {
    let path = GradientPath(task, nodes, builder.graph)
    try path.refuseOperatorsWithoutGradient(nodes, builder.graph, task.rule)
    var differentiation = Differentiation(builder: builder, rule: task.rule)
    let joins = RectifierJoins(nodes, kept: Set(task.of + task.withRespectTo))
    let first = builder.nodes.count
    let seeds = try differentiation.addSeeds(task.of, number)
    for (index, node) in nodes.enumerated().reversed() where path.nodes.contains(index) {
      if joins.concats.contains(index) { try differentiation.rectify(node) }
      try differentiation.addBackward(of: node, path)
    }
    var gradients = task.withRespectTo.map { differentiation.gradients[$0] }
    if task.sumsPositions { gradients = try gradients.map { try $0.map { try builder.positionSums(of: $0) } } }
    builder.removeUnused(from: first, keeping: gradients.compactMap { $0 })
    return BackwardPass(nodes: Array(builder.nodes[first...]), seeds: seeds, gradients: gradients)
  }

  private init(builder: GradientBuilder, rule: GradientRule) { (self.builder, self.rule) = (builder, rule) }

  private mutating func addSeeds(_ values: [ValueID], _ number: Int) throws -> [ValueID] {
    try values.enumerated().map { index, value in
      let name = builder.graph.values[value].name
      let seed = builder.value("seed \(number).\(index) of \(name)", builder.graph.type(of: value).shape)
      builder.place = name
      gradients[value] = try builder.sum(gradients[value], seed)
      return seed
    }
  }

  private mutating func addBackward(of node: Node, _ path: GradientPath) throws {
    guard let op = node.op as? any Differentiable else { return }
    if let output = node.outputs.first.flatMap({ $0 }), passedRectifiers.contains(output), let input = node.inputs[0] {
      if let gradient = gradients[output] { gradients[input] = try builder.sum(gradients[input], gradient) }
      return
    }
    let outputs = node.outputs.map { output in output.flatMap { gradients[$0] } }
    guard outputs.contains(where: { $0 != nil }) else { return }
    let wanted = node.inputs.indices.filter { index in
      op.isDifferentiable(input: index) && node.inputs[index].map { path.isWanted($0) } ?? false
    }
    builder.place = node.name
    var scope = GradientScope(
      node: node, rule: rule, outputGradients: outputs, wanted: Set(wanted), builder: builder)
    try addGradients(op, &scope)
    for (index, gradient) in scope.inputGradients.sorted(by: { $0.key < $1.key }) {
      let input = scope.input(index)
      gradients[input] = try builder.sum(gradients[input], gradient)
    }
  }

  /// Takes the gradient of all rectifiers before a Concat in one node behind it, which the kernel that computes the gradient
  /// may apply as it stores.
  private mutating func rectify(_ node: Node) throws {
    guard let output = node.outputs[0], let gradient = gradients[output] else { return }
    if case .lrp = rule { return }
    builder.place = node.name
    let relu = Node(name: node.name, op: Relu(), inputs: [output], outputs: [output])
    let scope = GradientScope(node: relu, rule: rule, outputGradients: [gradient], wanted: [0], builder: builder)
    gradients[output] = try functionGradient(of: Relu(), scope)
    passedRectifiers.formUnion(node.inputs.compactMap { $0 })
  }

  private func addGradients(_ op: any Differentiable, _ scope: inout GradientScope) throws {
    guard case .lrp(let epsilon) = rule else { return try op.addGradients(&scope) }
    try scope.addRelevance(op, epsilon)
  }
}

/// Concats of rectified values alone, which have no other reader.
private struct RectifierJoins {
  /// By index.
  private(set) var concats: Set<Int> = []

  init(_ nodes: [Node], kept: Set<ValueID>) {
    var (uses, rectified) = ([ValueID: Int](), Set<ValueID>())
    for node in nodes {
      for case let input? in node.inputs { uses[input, default: 0] += 1 }
      if node.op is Relu, let output = node.outputs[0] { rectified.insert(output) }
    }
    for (index, node) in nodes.enumerated() where node.op is Concat {
      let inputs = node.inputs.compactMap { $0 }
      if inputs.allSatisfy({ rectified.contains($0) && uses[$0] == 1 && !kept.contains($0) }) { concats.insert(index) }
    }
  }
}

/// The nodes between the values that are differentiated and those that they are differentiated by.
struct GradientPath {
  /// Values that depend on one of `withRespectTo`, and these themselves.
  private let isDependent: [Bool]
  /// The nodes on the way, by index.
  let nodes: Set<Int>

  init(_ task: GradientTask, _ all: [Node], _ graph: Graph) {
    var isDependent = [Bool](repeating: false, count: graph.values.count)
    for value in task.withRespectTo { isDependent[value] = true }
    for node in all where Self.inputs(node).contains(where: { isDependent[$0] }) {
      for case let output? in node.outputs { isDependent[output] = true }
    }
    var (isReached, nodes) = ([Bool](repeating: false, count: graph.values.count), Set<Int>())
    for value in task.of { isReached[value] = true }
    for (index, node) in all.enumerated().reversed() {
      guard node.outputs.contains(where: { $0.map { isReached[$0] } ?? false }) else { continue }
      let dependent = Self.inputs(node).filter { isDependent[$0] }
      guard !dependent.isEmpty else { continue }
      nodes.insert(index)
      for input in dependent { isReached[input] = true }
    }
    (self.isDependent, self.nodes) = (isDependent, nodes)
  }

  /// True when the gradient with respect to this value is needed.
  func isWanted(_ value: ValueID) -> Bool { value < isDependent.count && isDependent[value] }

  /// The inputs that a gradient may go to.
  private static func inputs(_ node: Node) -> [ValueID] {
    let op = node.op as? any Differentiable
    return node.inputs.indices.compactMap { op?.isDifferentiable(input: $0) ?? true ? node.inputs[$0] : nil }
  }

  /// Each kind of operator once, with the first node of it and how many there are.
  private func listed(_ nodes: [Node]) -> String {
    var kinds: [(name: String, first: String, count: Int)] = []
    for node in nodes {
      if let known = kinds.firstIndex(where: { $0.name == node.op.name }) {
        kinds[known].count += 1
      } else {
        kinds.append((node.op.name, node.name, 1))
      }
    }
    return kinds.map { name, first, count in
      count == 1 ? "\(name) (node '\(first)')" : "\(count) x \(name) (first '\(first)')"
    }.joined(separator: ", ")
  }

  func refuseOperatorsWithoutGradient(_ all: [Node], _ graph: Graph, _ rule: GradientRule) throws {
    let missing = nodes.sorted().map { all[$0] }.filter { !($0.op is any Differentiable) }
    guard !missing.isEmpty else { return }
    throw InferenceError(
      "there is no gradient through \(listed(missing)); ask for the gradient with respect to a value after it")
  }
}
