/// Far beyond the numbers of real models; those of damaged files are cut here, so that their sums cannot overflow.
private let limit = 1 << 60

/// a · b, at most 2⁶⁰ in magnitude.
func saturating(_ a: Int, times b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? ((a < 0) == (b < 0) ? limit : -limit) : max(-limit, min(product, limit))
}

/// a + b, at most 2⁶⁰ in magnitude.
func saturating(_ a: Int, plus b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? (a < 0 ? -limit : limit) : max(-limit, min(sum, limit))
}
