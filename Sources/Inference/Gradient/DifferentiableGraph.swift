import Tensors

extension PreparedGraph {
  /// The nodes to differentiate for a request, in topological order: those of the main graph, but the model's own where these compute
  /// a value that the request names and a rewrite has hidden.
  /// - Parameter original: the graph that was prepared.
  func nodes(for task: GradientTask, original: Graph) -> [Node] {
    var hidden = HiddenNodes(prepared: self, original: original, wanted: Set(task.withRespectTo))
    var result: [Node] = []
    for node in graph.nodes { result += hidden.replacement(of: node) ?? [node] }
    for value in task.of { result += hidden.nodes(computing: value) }
    return Self.sorted(result, inputs: graph)
  }
}

/// The model's own nodes between values that the main graph computes.
private struct HiddenNodes {
  private let original: Graph
  private let producers: [Int?]
  private let wanted: Set<ValueID>
  /// Computed by the main graph, or given.
  private var isKnown: [Bool]
  private var isTaken: [Bool]

  init(prepared: PreparedGraph, original: Graph, wanted: Set<ValueID>) {
    (self.original, producers) = (original, original.producers())
    isKnown = original.values.map { $0.constant != nil }
    for input in original.inputs { isKnown[input.value] = true }
    for case let output? in prepared.graph.nodes.flatMap(\.outputs) where output < isKnown.count {
      isKnown[output] = true
    }
    isTaken = original.nodes.map { _ in false }
    // Values that the main graph computes, and weights that it reads unchanged, need no other nodes.
    let read = Set(prepared.graph.nodes.flatMap { $0.inputs.compactMap { $0 } })
    let known = isKnown
    self.wanted = wanted.filter { value in
      value < known.count && (!known[value] || (original.values[value].constant != nil && !read.contains(value)))
    }
  }

  /// The model's own nodes for what a node of the main graph computes, when a wanted value lies among them.
  mutating func replacement(of node: Node) -> [Node]? {
    guard !wanted.isEmpty else { return nil }
    let outputs = node.outputs.compactMap { $0 }.filter { $0 < producers.count }
    let indices = hiddenIndices(before: outputs)
    let touched = indices.flatMap { original.nodes[$0].inputs + original.nodes[$0].outputs }
    guard touched.contains(where: { $0.map { wanted.contains($0) } ?? false }) else { return nil }
    return take(indices)
  }

  /// The nodes for a value that the main graph does not compute.
  mutating func nodes(computing value: ValueID) -> [Node] {
    value < isKnown.count && !isKnown[value] ? take(hiddenIndices(before: [value])) : []
  }

  private mutating func take(_ indices: [Int]) -> [Node] {
    let new = indices.filter { !isTaken[$0] }
    for index in new { isTaken[index] = true }
    return new.map { original.nodes[$0] }
  }

  /// The original nodes between known values and these, which may be known themselves.
  private func hiddenIndices(before values: [ValueID]) -> [Int] {
    var (waiting, seen) = (values.compactMap { producers[$0] }, Set<Int>())
    while let index = waiting.popLast() {
      guard seen.insert(index).inserted else { continue }
      for case let input? in original.nodes[index].inputs where !isKnown[input] {
        if let producer = producers[input] { waiting.append(producer) }
      }
    }
    return seen.sorted()
  }
}
