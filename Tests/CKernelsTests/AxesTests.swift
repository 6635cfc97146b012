import CKernels
import Testing

/// Kernels along any axis: broadcasting, reductions of axes that are not the last, moments of channels.
@Suite struct AxesTests {
  /// Three axes; each operand repeats along some, but not both along the last.
  @Test(arguments: 0...7 as ClosedRange<UInt32>)
  func broadcastingAgreesWithTheReference(kind: UInt32) {
    var dice = Dice(Int(kind) + 71)
    for round in 0..<40 {
      let extents = [dice.int(2...4), dice.int(2...5), round % 5 == 0 ? dice.int(4000...9000) : dice.int(2...70)]
      var keeps = [0, 1].map { _ in extents.map { _ in dice.chance(2, of: 3) } }
      if !keeps[0][2] && !keeps[1][2] { keeps[round % 2][2] = true }
      if kind == FOVEA_PRELU.rawValue { keeps[0] = [true, true, true] }
      let steps = keeps.map { keeps in
        (0..<3).map { axis in
          keeps[axis] ? (axis + 1..<3).reduce(1) { $0 * (keeps[$1] ? extents[$1] : 1) } : 0
        }
      }
      var p = fovea_binary_axes_params()
      (p.rank, p.kind) = (3, fovea_binary_kind(kind))
      p.activation = activation(dice.chance(1, of: 3) ? FOVEA_ACT_SIGMOID : FOVEA_ACT_NONE)
      (p.extents.0, p.extents.1, p.extents.2) = (Int64(extents[0]), Int64(extents[1]), Int64(extents[2]))
      (p.x_steps.0, p.x_steps.1, p.x_steps.2) = (Int64(steps[0][0]), Int64(steps[0][1]), Int64(steps[0][2]))
      (p.other_steps.0, p.other_steps.1, p.other_steps.2) = (Int64(steps[1][0]), Int64(steps[1][1]), Int64(steps[1][2]))
      let positive = kind == FOVEA_POW.rawValue || kind == FOVEA_DIV.rawValue
      let count = extents.reduce(1, *)
      let (x, other) = (
        Floats(count, &dice, in: positive ? 0.5...2 : -1...1), Floats(count, &dice, in: positive ? 0.5...2 : -1...1)
      )
      expectAgreement("case \(round): \(extents) by \(keeps)", outputs: count, tolerance: 1e-6) { isa, output, parts in
        var p = p
        inParts(parts) { fovea_binary_axes(isa, &p, x.pointer, other.pointer, output.pointer, $0, parts) }
      }
    }
  }

  @Test func broadcastsKnownOperands() {
    var p = fovea_binary_axes_params()
    (p.rank, p.kind) = (2, FOVEA_SUB)
    (p.extents.0, p.extents.1) = (2, 3)
    (p.x_steps.0, p.x_steps.1, p.other_steps.0, p.other_steps.1) = (1, 0, 0, 1)
    let (column, row) = (Floats([10, 20]), Floats([1, 2, 3]))
    for isa in [FOVEA_SCALAR] + vectorISAs {
      let y = Floats(6)
      fovea_binary_axes(isa, &p, column.pointer, row.pointer, y.pointer, 0, 1)
      #expect(y.values == [9, 8, 7, 19, 18, 17])
    }
  }

  @Test(arguments: 0...6 as ClosedRange<UInt32>)
  func columnsAgreeWithTheReference(kind: UInt32) {
    var dice = Dice(Int(kind) + 81)
    for (outer, count, inner) in [(1, 1, 1), (2, 3, 5), (3, 2, 64), (1, 300, 3), (2, 129, 17), (1, 5, 131), (3, 7, 96)]
    {
      let x = Floats(outer * count * inner, &dice)
      expectAgreement("\(outer) \(count) \(inner)", outputs: outer * inner, tolerance: 2e-5) { isa, output, parts in
        inParts(parts) {
          fovea_reduce_columns(
            isa, fovea_reduce_kind(kind), Int64(outer), Int64(count), Int64(inner), x.pointer, output.pointer, $0, parts
          )
        }
      }
    }
  }

  /// Far from zero, where sums of squares would have lost the variance.
  @Test func momentsAgreeWithTheReference() {
    var dice = Dice(91)
    for (round, pixels) in [1, 2, 15, 16, 17, 49, 255, 257, 300, 4099].enumerated() {
      for blocked in [0, 1] {
        let channels = [1, 5, 16, 33][round % 4]
        var e = fovea_extent(batch: 2, channels: Int64(channels), pixels: Int64(pixels), blocked: Int32(blocked))
        let x =
          blocked == 1
          ? Floats(blocked: 2, channels, pixels, &dice, in: 100...101)
          : Floats(2 * channels * pixels, &dice, in: 100...101)
        let size = Int(fovea_extent_size(&e)) / pixels
        // Means, and mean squares: sums of squares grow with the number of pixels.
        expectAgreement("\(pixels) pixels, blocked \(blocked)", outputs: 2 * size, tolerance: 2e-6) {
          isa, output, parts in
          inParts(parts) { fovea_channel_moments(isa, &e, x.pointer, output.pointer, output.pointer + size, $0, parts) }
          for index in size..<2 * size { output[index] /= Float(pixels) }
        }
      }
    }
  }

  @Test func groupFactorsOfKnownNumbers() {
    var p = fovea_group_params()
    p.extent = fovea_extent(batch: 1, channels: 4, pixels: 2, blocked: 0)
    (p.groups, p.epsilon) = (2, 0)
    // The first group holds 0, 2, 4, 6: mean 3, variance 5; the second 1, 1, 3, 3: mean 2, variance 1.
    let (mean, squares) = (Floats([1, 5, 1, 3]), Floats([2, 2, 0, 0]))
    let (gamma, beta, scale, shift) = (Floats([1, 2, 3, 4]), Floats([0, 1, 0, 1]), Floats(4), Floats(4))
    fovea_group_factors(
      &p, mean.pointer, squares.pointer, gamma.pointer, beta.pointer, scale.pointer, shift.pointer)
    let deviation = Float(5).squareRoot()
    let expected = [1 / deviation, 2 / deviation, 3, 4, -3 / deviation, 1 - 6 / deviation, -6, -7]
    #expect(zip(scale.values + shift.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// Channels side by side, as the output of a fully connected layer has them.
  @Test func channelAffineOfRowsAgreesWithTheReference() {
    var dice = Dice(92)
    for channels in [1, 7, 16, 33, 640] {
      var e = fovea_extent(batch: 5, channels: Int64(channels), pixels: 1, blocked: 0)
      let (x, scale, shift) = (Floats(5 * channels, &dice), Floats(channels, &dice), Floats(channels, &dice))
      expectAgreement("\(channels) channels", outputs: x.count, tolerance: 1e-6) { isa, output, parts in
        inParts(parts) {
          fovea_channel_affine(
            isa, &e, activation(FOVEA_ACT_RELU), x.pointer, scale.pointer, shift.pointer, output.pointer, $0, parts)
        }
      }
    }
  }
}
