import Tensors

/// Finds, or adds to a graph, the class scores from which an output's probabilities were made: what is differentiated, because
/// probabilities near 1 hardly have a gradient (Simonyan et al. 2013, section 3.1).
///
/// Softmax and sigmoid are left out wherever they stand, written as one operator or as several; what follows them and moves classes
/// (Slice, Transpose, Concat, ...) or averages them is repeated on the scores; what only bounds or rounds numbers is left out.
package struct RawScores {
  private(set) var graph: Graph
  private let producers: [Int?]
  private var found: [ValueID: ValueID?] = [:]
  /// The softmaxes and sigmoids that were left out, by node name.
  private(set) var passed: [String] = []

  private init(_ graph: Graph) { (self.graph, producers) = (graph, graph.producers()) }

  /// The value with the scores, the graph that computes it beside its outputs, and the names of the softmaxes and sigmoids that are left
  /// out; nil where there are none.
  package static func add(
    to graph: Graph, behind output: ValueID
  ) -> (graph: Graph, scores: ValueID, passed: [String])? {
    var search = RawScores(graph)
    guard let scores = search.scores(of: output), let before = graph.values[output].type,
      search.graph.values[scores].type?.shape.count == before.shape.count,
      search.graph.values[scores].type?.element == .float32
    else { return nil }
    return (search.graph, scores, search.passed)
  }

  private func node(_ value: ValueID?) -> Node? { value.flatMap { producers[$0] }.map { graph.nodes[$0] } }
  private func isConstant(_ value: ValueID?) -> Bool { value.map { graph.values[$0].constant != nil } ?? true }

  /// The scores behind the probabilities, or their logarithms, that a value holds.
  private mutating func scores(of value: ValueID) -> ValueID? {
    if let known = found[value] { return known }
    found[value] = .some(nil)
    let result = self.result(of: value)
    found[value] = .some(result)
    return result
  }

  private mutating func result(of value: ValueID) -> ValueID? {
    guard value < producers.count, let node = node(value), let first = node.inputs.first ?? nil else { return nil }
    if node.op.scoreForm != nil {
      passed.append(node.name)
      return first
    }
    if let scores = writtenOut(node) {
      passed.append(node.name)
      return scores
    }
    if node.op.onlyRescales || node.op.isRounding || isPassing(node, first) { return scores(of: first) }
    let computed = node.inputs.compactMap { $0 }.filter { !isConstant($0) }
    switch node.op {
    case is Max, is Min: return computed.count == 1 ? scores(of: computed[0]) : nil
    case is Add, is Sum, is Mean: return repeated(node, leavingOutConstants: true)
    case is Mul, is Div:
      return computed.count == 1 && !isConstant(node.op is Div ? first : computed[0]) ? repeated(node) : nil
    case is Sub where isConstant(first):
      // 1 - p: what speaks against the class.
      guard let scores = computed.first.flatMap({ self.scores(of: $0) }) else { return nil }
      return add(Node(name: node.name, op: Neg(), inputs: [scores], outputs: node.outputs))
    case is Reduce, is Concat: return repeated(node)
    default: return node.op.kind == .shape || node.op.isMean ? repeated(node) : nil
    }
  }

  /// The output is the input, as of Identity or a Concat of one value.
  private func isPassing(_ node: Node, _ input: ValueID) -> Bool {
    guard let output = node.outputs.first ?? nil, graph.type(of: input) == graph.type(of: output) else { return false }
    return node.op.isNoOp(graph.inputShapes(of: node), graph.constants(of: node))
  }

  /// The node again, on the scores behind its computed inputs.
  private mutating func repeated(_ original: Node, leavingOutConstants: Bool = false) -> ValueID? {
    var node = original
    node.inputs = []
    for input in original.inputs {
      guard let input, !isConstant(input) else {
        if !leavingOutConstants { node.inputs.append(input) }
        continue
      }
      guard let scores = scores(of: input) else { return nil }
      node.inputs.append(scores)
    }
    return node.inputs.count == 1 && leavingOutConstants ? node.inputs[0] : add(node)
  }

  /// Adds a node for what `node` computed, of the scores; its first output.
  private mutating func add(_ node: Node) -> ValueID? {
    let names = node.outputs.map { $0.map { "\(graph.values[$0].name)/before softmax" } }
    return graph.append(node.op, node.inputs, named: "\(node.name)/before softmax", outputs: names)?.first ?? nil
  }
}

// MARK: Softmax and sigmoid as several operators

extension RawScores {
  /// The scores of exp(x) / Σ exp(x), x - log Σ exp(x), 1 / (1 + exp(-x)), with or without the largest taken off before.
  private func writtenOut(_ node: Node) -> ValueID? {
    switch node.op {
    case is Div:
      if isOne(node.inputs[0]) { return logisticArgument(node.inputs[1]) }
      return quotient(node.inputs[0], by: node.inputs[1])
    case is Reciprocal: return logisticArgument(node.inputs[0])
    case is Mul:
      for (value, factor) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
        if let other = self.node(factor), other.op is Reciprocal, let found = quotient(value, by: other.inputs[0]) {
          return found
        }
      }
      return nil
    case is Sub:
      guard let logarithm = self.node(node.inputs[1]), isLogarithm(logarithm) else { return nil }
      return unshifted(node.inputs[0])
    default: return nil
    }
  }

  /// A logarithm, with or without what was taken off before added again.
  private func isLogarithm(_ node: Node) -> Bool {
    if node.op is Add { return node.inputs.contains { self.node($0).map { $0.op is Log } ?? false } }
    return node.op is Log || (node.op as? Reduce)?.reduction == .logSum
  }

  private func isOne(_ value: ValueID?) -> Bool { graph.number(value) == 1 }

  /// x of exp(x) that is divided by the sum of the same exponentials.
  private func quotient(_ value: ValueID?, by divisor: ValueID?) -> ValueID? {
    guard let exponential = node(value), exponential.op is Exp, let sum = summed(divisor), sum == value else {
      return nil
    }
    return unshifted(exponential.inputs[0])
  }

  /// What a value is the sum of, looking past what only gives it another shape.
  private func summed(_ value: ValueID?) -> ValueID? {
    var value = value
    while let current = node(value) {
      if let reduce = current.op as? Reduce { return reduce.reduction == .sum ? current.inputs[0] : nil }
      guard current.op.keepsElements || current.op is Expand || current.op is Add else { return nil }
      // A small number that is added against division by zero.
      if current.op is Add, current.inputs.count != 2 || graph.number(current.inputs[1]) == nil { return nil }
      value = current.inputs[0]
    }
    return nil
  }

  /// x of a value that is x less one number for all classes, such as the largest of them.
  private func unshifted(_ value: ValueID?) -> ValueID? {
    guard let value, let node = node(value), node.op is Sub, let x = node.inputs[0], let shift = node.inputs[1],
      let count = graph.values[shift].type?.shape.count, count < graph.type(of: x).shape.count
    else { return value }
    return x
  }

  /// x of 1 + exp(-x).
  private func logisticArgument(_ value: ValueID?) -> ValueID? {
    guard let sum = node(value), sum.op is Add, sum.inputs.count == 2 else { return nil }
    for (one, other) in [(sum.inputs[0], sum.inputs[1]), (sum.inputs[1], sum.inputs[0])] where isOne(one) {
      guard let exponential = node(other), exponential.op is Exp, let negative = node(exponential.inputs[0]) else {
        continue
      }
      if negative.op is Neg { return negative.inputs[0] }
    }
    return nil
  }
}
