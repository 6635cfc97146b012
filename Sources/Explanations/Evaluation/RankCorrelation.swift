/// Spearman's rank correlation of two maps of the same size: 1 where they order all places alike, near 0 where they have nothing
/// to do with each other.
package func rankCorrelation(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
  let (a, b) = (ranks(a), ranks(b))
  let mean = Double(a.count - 1) / 2
  var (product, squares) = (0.0, 0.0)
  for i in a.indices {
    product += (a[i] - mean) * (b[i] - mean)
    squares += ((a[i] - mean) * (a[i] - mean) + (b[i] - mean) * (b[i] - mean)) / 2
  }
  return squares > 0 ? product / squares : 0
}

/// Ranks from 0; equal values share the mean of theirs.
private func ranks(_ values: UnsafeBufferPointer<Float>) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: order.count)
  var first = 0
  while first < order.count {
    var end = first + 1
    while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
    for i in first..<end { ranks[order[i]] = Double(first + end - 1) / 2 }
    first = end
  }
  return ranks
}
