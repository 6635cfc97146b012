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

  /// The name in `names` that takes the fewest edits to become `name`, or nil when none is near.
  package static func nearestName(to name: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8.prefix(256))
    let best = names.map { ($0, editDistance(wanted, Array($0.utf8.prefix(256)))) }.min { $0.1 < $1.1 }
    guard let best, best.1 <= max(2, wanted.count / 2) else { return nil }
    return best.0
  }

  /// Levenshtein's distance: insertions, deletions and substitutions.
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
        (diagonal, row[j + 1]) = (row[j + 1], next)
      }
    }
    return row[b.count]
  }
}
