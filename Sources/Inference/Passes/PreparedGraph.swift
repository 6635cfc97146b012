import Tensors

/// A specialised graph after the rewrites that change how numbers come about, made once for every set of taps.
///
/// A rewrite replaces nodes of the main graph and sets the old ones aside. A tapped value that only a set-aside node
/// computes is computed beside the main graph, which therefore gives the same numbers whatever is tapped.
struct PreparedGraph {
  /// The graph whose nodes compute the outputs.
  var graph: Graph
  /// For each value, the node that computed it before it was rewritten away.
  var setAside: [ValueID: Node] = [:]
  /// Where passes find the constants that they have made of the same weights before.
  let derived: DerivedConstants

  /// The prepared form of a specialised graph.
  init(_ specialised: Graph, derived: DerivedConstants) {
    (graph, self.derived) = (specialised, derived)
    collectDeadCode()
    for pass in Self.passes {
      pass(&self)
      collectDeadCode()
    }
  }

  /// A graph without any rewrites.
  init(unchanged specialised: Graph) { (graph, derived) = (specialised, DerivedConstants()) }

  /// What is done, in order. Each pass leaves the outputs' values as they are, within rounding.
  static let passes: [@Sendable (inout PreparedGraph) -> Void] = [
    multiplyByMatrices, removeNoOps, absorbPadding, joinQuantization, recogniseActivations, foldChannelFactors,
  ]

  /// Moves the nodes that no output needs out of the main graph.
  mutating func collectDeadCode() {
    let isNeeded = graph.nodes.leading(to: graph.outputs).isNeeded
    for (node, isNeeded) in zip(graph.nodes, isNeeded) where !isNeeded { setAside(node) }
    graph.nodes = zip(graph.nodes, isNeeded).filter(\.1).map(\.0)
  }

  /// Computes these values from now on, and nothing behind them. Their numbers stay what they are beside the former outputs.
  mutating func cut(to values: [ValueID]) {
    graph.nodes = graph(tapping: Set(values)).nodes
    graph.outputs = values
    collectDeadCode()
  }

  /// Remembers how a value was computed before a rewrite; the first way is the model's own.
  mutating func setAside(_ node: Node) {
    for case let output? in node.outputs where setAside[output] == nil { setAside[output] = node }
  }

  /// Puts `replacement` in the place of the node at `index`, which is set aside.
  mutating func replace(_ index: Int, with replacement: Node) {
    setAside(graph.nodes[index])
    graph.nodes[index] = replacement
  }

  /// The main graph with what else the tapped values need, in topological order.
  func graph(tapping taps: Set<ValueID>) -> Graph {
    var result = graph
    var isComputed = graph.values.map { $0.constant != nil }
    for input in graph.inputs { isComputed[input.value] = true }
    for case let output? in graph.nodes.flatMap(\.outputs) { isComputed[output] = true }
    var extra: [Node] = []
    for tap in taps.sorted() { addNodes(for: tap, to: &extra, &isComputed) }
    result.nodes = Self.sorted(graph.nodes + extra, inputs: graph)
    return result
  }

  private func addNodes(for tap: ValueID, to extra: inout [Node], _ isComputed: inout [Bool]) {
    var wanted = [tap]
    while let value = wanted.popLast() {
      guard !isComputed[value], var node = setAside[value] else { continue }
      // Outputs that are computed already stay with the node that computes them.
      node.outputs = node.outputs.map { output in output.flatMap { isComputed[$0] ? nil : $0 } }
      for case let output? in node.outputs { isComputed[output] = true }
      extra.append(node)
      wanted += node.inputs.compactMap { $0 }
    }
  }

  /// The nodes such that each comes after those that it reads from, otherwise in the order given.
  static func sorted(_ nodes: [Node], inputs graph: Graph) -> [Node] {
    var isReady = graph.values.map { $0.constant != nil }
    for input in graph.inputs { isReady[input.value] = true }
    var (waiting, result) = (nodes, [Node]())
    while !waiting.isEmpty {
      var later: [Node] = []
      for node in waiting {
        if node.inputs.allSatisfy({ $0.map { isReady[$0] } ?? true }) {
          for case let output? in node.outputs { isReady[output] = true }
          result.append(node)
        } else {
          later.append(node)
        }
      }
      precondition(later.count < waiting.count, "the rewritten graph has a cycle")
      waiting = later
    }
    return result
  }
}
