import Tensors

/// The weights of an antialiased filter along one axis, for a run of output samples.
///
/// The rule and the rounding are Pillow's (`ImagingResample`): output sample i of `outputSize` has its centre at
/// (i + ½) · scale in the input, scale = inputSize / outputSize; the filter is stretched by max(scale, 1); the
/// weights at the input samples' centres are normalised to 1, then rounded to 22 fraction bits.
struct ResampleTable {
  /// The first input sample of each output sample.
  private(set) var start: [Int32] = []
  /// How many weights each output sample has, without zeros at the end.
  private(set) var counts: [Int] = []
  /// Weights with 22 fraction bits, `taps` for each output sample, zeros at the end.
  private(set) var weights: [Int32] = []
  /// The row length of `weights`, a multiple of four.
  let taps: Int
  /// The input samples that any output sample reads.
  let inputRange: Range<Int>

  /// Weights for output samples `outputs` of `outputSize`, over an input of `inputSize` samples. Every start is a multiple
  /// of `alignment`: where it is moved, zeros come before the weights.
  init(inputSize: Int, outputSize: Int, outputs: Range<Int>, alignment: Int = 1, filter: Interpolation = .bilinear) {
    let scale = Double(inputSize) / Double(outputSize)
    self.init(inputSize: inputSize, scale: scale, outputs: outputs, alignment: alignment, filter: filter)
  }

  /// The same for outputs `scale` input samples apart, which need not end where the input does: the last sample of a
  /// subsampled component reaches beyond the picture's edge.
  init(inputSize: Int, scale: Double, outputs: Range<Int>, alignment: Int, filter: Interpolation = .bilinear) {
    let rows = outputs.map { output in
      let (start, weights) = Self.row(output: output, scale: scale, inputSize: inputSize, filter)
      let zeros = [Double](repeating: 0, count: start % alignment)
      return (start: start - zeros.count, weights: zeros + weights)
    }
    let end = rows.map { $0.start + $0.weights.count }.max() ?? 0
    inputRange = (rows.map(\.start).min() ?? 0)..<end
    taps = ((rows.map(\.weights.count).max() ?? 1) + 3) & ~3
    for row in rows {
      start.append(Int32(row.start))
      counts.append(row.weights.count)
      weights += row.weights.map { Int32($0 * Double(1 << 22) + ($0 < 0 ? -0.5 : 0.5)) }
      weights += [Int32](repeating: 0, count: taps - row.weights.count)
    }
  }

  private static func row(
    output: Int, scale: Double, inputSize: Int, _ filter: Interpolation
  ) -> (start: Int, weights: [Double]) {
    let stretch = max(scale, 1)
    let support = filter.reach * stretch
    let center = (Double(output) + 0.5) * scale
    let first = min(max(0, Int(center - support + 0.5)), inputSize - 1)
    let end = max(first + 1, min(inputSize, Int(center + support + 0.5)))
    let weights = (first..<end).map { x in filter.weight((Double(x) - center + 0.5) * (1 / stretch)) }
    let sum = weights.reduce(0, +)
    return (first, weights.map { sum != 0 ? $0 / sum : 1 / Double(weights.count) })
  }
}
