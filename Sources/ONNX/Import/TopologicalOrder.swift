/// Orders nodes so that each follows those that compute its inputs (Kahn 1962); in the file's order where it has a choice.
///
/// - Parameters:
///   - reads: for each node, the numbers of the nodes that compute its inputs.
/// - Returns: the node numbers in order; fewer than there are when they form a cycle.
func topologicalOrder(reads: [[Int]]) -> [Int] {
  // The usual file is in order already.
  if reads.indices.allSatisfy({ node in reads[node].allSatisfy { $0 < node } }) { return Array(reads.indices) }
  var readers = [[Int]](repeating: [], count: reads.count)
  var missing = reads.map(\.count)
  for (node, sources) in reads.enumerated() {
    for source in sources { readers[source].append(node) }
  }
  var order: [Int] = []
  order.reserveCapacity(reads.count)
  order += reads.indices.filter { missing[$0] == 0 }
  var next = 0
  while next < order.count {
    for reader in readers[order[next]] {
      missing[reader] -= 1
      if missing[reader] == 0 { order.append(reader) }
    }
    next += 1
  }
  return order
}
