/// A matrix inside a buffer: element (i, j) lies at i · rowStep + j · columnStep.
struct MatrixView<Element: Real> {
  var elements: UnsafePointer<Element>
  var rowStep: Int, columnStep: Int
}

/// Columns per block, as many accumulators as the stack takes without asking the allocator.
private let block = 64

/// out[i, j] = finish(Σₖ a[i, k] · b[k, j], i, j), accumulated in double.
/// - Parameters:
///   - out: [rows, columns], row-major.
///   - depth: the extent that is summed over.
@inline(__always)
func matrixProduct<T: Real>(
  _ a: MatrixView<T>, _ b: MatrixView<T>, rows: Int, columns: Int, depth: Int, into out: UnsafeMutablePointer<T>,
  _ finish: (Double, Int, Int) -> T
) {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { sums in
    for row in 0..<rows {
      for start in stride(from: 0, to: columns, by: block) {
        let width = min(block, columns - start)
        accumulate(a, b, row: row, start: start, width: width, depth: depth, sums)
        for j in 0..<width { out[row * columns + start + j] = finish(sums[j], row, start + j) }
      }
    }
  }
}

private func accumulate<T: Real>(
  _ a: MatrixView<T>, _ b: MatrixView<T>, row: Int, start: Int, width: Int, depth: Int,
  _ sums: UnsafeMutableBufferPointer<Double>
) {
  let left = a.elements + row * a.rowStep
  let right = b.elements + start * b.columnStep
  if b.columnStep == 1 {
    for j in 0..<width { sums[j] = 0 }
    for k in 0..<depth {
      let (factor, line) = (Double(left[k &* a.columnStep]), right + k &* b.rowStep)
      for j in 0..<width { sums[j] += factor * Double(line[j]) }
    }
  } else {
    for j in 0..<width {
      let line = right + j &* b.columnStep
      var sum = 0.0
      for k in 0..<depth { sum += Double(left[k &* a.columnStep]) * Double(line[k &* b.rowStep]) }
      sums[j] = sum
    }
  }
}
