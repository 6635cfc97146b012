/// The weights of an antialiased triangle filter along one axis, for a run of output samples.
///
/// The rule is Pillow's (`ImagingResample`, precompute_coeffs): output sample i of `outputSize` has its centre at
/// (i + ½) · scale in the input, scale = inputSize / outputSize; the triangle reaches max(scale, 1) to both sides; the
/// weights at the input samples' centres are normalised to 1.
struct ResampleTable {
  /// The first input sample of each output sample.
  private(set) var start: [Int32] = []
  /// How many weights each output sample has, without padding.
  private(set) var counts: [Int] = []
  /// Weights as 1/16384ths that add up to 16384, `taps` for each output sample, zeros at the end.
  private(set) var weights: [Int16] = []
  /// The row length of `weights`, a multiple of 8.
  let taps: Int

  /// Weights for output samples `outputs` of `outputSize`, over an input of `inputSize` samples that has been
  /// subsampled by 2^`log2Subsampling`: each stored sample stands for that many neighbours, so its weight is their sum.
  init(inputSize: Int, outputSize: Int, outputs: Range<Int>, log2Subsampling: Int = 0) {
    let scale = Double(inputSize) / Double(outputSize)
    let rows = outputs.map { Self.row(output: $0, scale: scale, inputSize: inputSize, shift: log2Subsampling) }
    let longest = rows.map(\.weights.count).max() ?? 1
    taps = (longest + 7) & ~7
    for row in rows {
      start.append(Int32(row.start))
      counts.append(row.weights.count)
      let fixed = Self.quantise(row.weights)
      weights += fixed + [Int16](repeating: 0, count: taps - fixed.count)
    }
  }

  /// The input samples that any output sample reads.
  var inputRange: Range<Int> {
    let end = zip(start, counts).map { Int($0) + $1 }.max() ?? 0
    return Int(start.min() ?? 0)..<end
  }

  private static func row(output: Int, scale: Double, inputSize: Int, shift: Int) -> (start: Int, weights: [Double]) {
    let support = max(scale, 1)
    let center = (Double(output) + 0.5) * scale
    let first = max(0, Int(center - support + 0.5))
    let end = max(first + 1, min(inputSize, Int(center + support + 0.5)))
    var folded = [Double](repeating: 0, count: ((end - 1) >> shift) - (first >> shift) + 1)
    for x in first..<end {
      let distance = abs((Double(x) - center + 0.5) / support)
      folded[(x >> shift) - (first >> shift)] += max(0, 1 - distance)
    }
    let sum = folded.reduce(0, +)
    return (first >> shift, folded.map { sum > 0 ? $0 / sum : 1 / Double(folded.count) })
  }

  /// Rounds the running sum instead of each weight, so that the total is exact and errors don't pile up.
  private static func quantise(_ weights: [Double]) -> [Int16] {
    var (exact, given) = (0.0, 0)
    return weights.map { weight in
      exact += weight * 16384
      let value = Int(exact.rounded()) - given
      given += value
      return Int16(value)
    }
  }
}
