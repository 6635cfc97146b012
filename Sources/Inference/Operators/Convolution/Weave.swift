import Tensors

/// Along one axis, how an adjoint of a convolution with a stride falls into phases: element y of the input is element
/// `(y + pad) / stride - first[r]` of phase `r = (y + pad) % stride`, a convolution of stride 1 by every stride-th tap from r on.
struct PhaseAxis: Hashable {
  var extent: Int, stride: Int, pad: Int, kernel: Int

  /// Taps of a phase.
  func taps(_ phase: Int) -> Int { phase < kernel ? (kernel - 1 - phase) / stride + 1 : 0 }

  /// (y + pad) / stride of the phase's first element.
  func first(_ phase: Int) -> Int { pad <= phase ? 0 : (pad - phase + stride - 1) / stride }

  /// Elements of the input in the phase.
  func count(_ phase: Int) -> Int {
    let start = first(phase) * stride + phase - pad
    return start < extent ? (extent - 1 - start) / stride + 1 : 0
  }

  /// What is added before and behind the gradient, of `output` elements, so that the phase's convolution gives its elements and no
  /// others; nil where something would have to be cut off.
  func pads(_ phase: Int, output: Int) -> (before: Int, after: Int)? {
    pads(taps: taps(phase), first: first(phase), count: count(phase), output: output)
  }

  /// The same for a convolution of all phases at once.
  func joinedPads(output: Int) -> (before: Int, after: Int)? {
    pads(taps: taps(0), first: joinedFirst, count: joinedCount, output: output)
  }

  /// The first element that any phase has.
  var joinedFirst: Int { (0..<stride).map(first).min() ?? 0 }

  /// Up to the last element that any phase has.
  var joinedCount: Int { ((0..<stride).map { first($0) + count($0) }.max() ?? 0) - joinedFirst }

  private func pads(taps: Int, first: Int, count: Int, output: Int) -> (before: Int, after: Int)? {
    let before = taps - 1 - first
    let after = count + taps - 1 - output - before
    return before >= 0 && after >= 0 && count > 0 ? (before, after) : nil
  }
}

/// A picture woven from the phases of an adjoint convolution. Inputs: for each row phase each column phase [N, C, …], nil for zeros;
/// or when `isJoined` one value [N, stride² C, …] that holds them all, phases outermost. Output: [N, C, H, W] of `shape`.
struct Weave: Operator {
  var shape: Shape
  var rows: PhaseAxis, columns: PhaseAxis
  var isJoined: Bool

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, shape)] }

  /// The channel and place in its phase of an element.
  private func source(_ c: Int, _ y: Int, _ x: Int) -> (phase: Int, channel: Int, row: Int, column: Int) {
    let (row, r) = (y + rows.pad).quotientAndRemainder(dividingBy: rows.stride)
    let (column, s) = (x + columns.pad).quotientAndRemainder(dividingBy: columns.stride)
    let phase = r * columns.stride + s
    return isJoined
      ? (0, phase * Planar(shape).channels + c, row - rows.joinedFirst, column - columns.joinedFirst)
      : (phase, c, row - rows.first(r), column - columns.first(s))
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let (y, all) = (outputs[0].reals, Planar(shape))
    var next = 0
    for n in 0..<all.batch {
      for c in 0..<all.channels {
        for row in 0..<all.spatial.height {
          for column in 0..<all.spatial.width {
            let place = source(c, row, column)
            y[next] = 0
            if let phase = inputs[place.phase] {
              let from = Planar(phase.shape)
              let line = (n * from.channels + place.channel) * from.spatial.height + place.row
              y[next] = phase.reals[line * from.spatial.width + place.column]
            }
            next += 1
          }
        }
      }
    }
  }
}
