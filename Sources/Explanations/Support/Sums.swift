/// Σ a[i] · b[i]: sixteen sums side by side, which a plain loop may not be turned into.
func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
  var sums = SIMD16<Float>()
  let (left, right) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    sums +=
      left.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
      * right.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
  }
  var sum = sums.sum()
  for i in whole..<count { sum += a[i] * b[i] }
  return sum
}

/// Σ a[i].
func sum(_ a: UnsafePointer<Float>, _ count: Int) -> Float {
  var sums = SIMD16<Float>()
  let start = UnsafeRawPointer(a)
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    sums += start.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
  }
  var sum = sums.sum()
  for i in whole..<count { sum += a[i] }
  return sum
}
