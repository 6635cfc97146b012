import Tensors

/// What a step computes and moves, by its sizes.
package struct StepCost: Sendable, Hashable {
  /// Multiply-adds by the operator's definition, whatever the algorithm saves.
  package var multiplyAdds = 0
  /// Bytes of the packed weights and other constants that it reads.
  package var weightBytes = 0
  /// Bytes of computed values that it reads.
  package var inputBytes = 0
  /// Bytes of values that it writes.
  package var outputBytes = 0
  /// Bytes of the arena that hold something while it runs: what it reads and writes, and values that later steps read.
  package var arenaBytes = 0

  package init() {}

  /// What it moves at least: weights, inputs and outputs once.
  package var movedBytes: Int {
    [weightBytes, inputBytes, outputBytes].reduce(0) { saturating($0, plus: $1) }
  }
}

extension StepCost {
  /// The work of a node and the values that it reads and writes; what is fused to its operator adds no multiply-adds.
  init(_ node: Node, in graph: Graph) {
    multiplyAdds = LayerCost(node.base, in: graph).multiplyAdds
    inputBytes = Self.bytes(of: node.inputs.filter { $0.map { graph.values[$0].constant == nil } ?? false }, graph)
    outputBytes = Self.bytes(of: node.outputs, graph)
  }

  /// A copy of so many bytes.
  init(copying byteCount: Int) { (inputBytes, outputBytes) = (byteCount, byteCount) }

  private static func bytes(of values: [ValueID?], _ graph: Graph) -> Int {
    values.reduce(0) { sum, value in
      guard let type = value.flatMap({ graph.values[$0].type }) else { return sum }
      return saturating(sum, plus: saturating(type.shape.count, times: type.element.size))
    }
  }
}

extension PlannedStep {
  /// The description with the sizes that are known once allocations are placed.
  func measured(in allocations: [Allocation], live: Int) -> StepDescription {
    var description = description
    let constants = Set(buffers.map(\.allocation)).filter { allocations[$0].isConstant }
    description.cost.weightBytes = constants.reduce(0) { $0 + allocations[$1].byteCount }
    description.cost.arenaBytes = live
    if !isParallel { description.split = "one thread" }
    return description
  }
}

/// For each step the bytes of the arena that are in use while it runs.
func liveBytes(of allocations: [Allocation], steps: Int) -> [Int] {
  var changes = [Int](repeating: 0, count: steps + 1)
  for allocation in allocations where allocation.external == nil {
    guard let lifetime = allocation.lifetime, lifetime.lowerBound < steps else { continue }
    changes[lifetime.lowerBound] += allocation.byteCount
    changes[min(lifetime.upperBound + 1, steps)] -= allocation.byteCount
  }
  var live = 0
  return changes.dropLast().map { change in
    live += change
    return live
  }
}
