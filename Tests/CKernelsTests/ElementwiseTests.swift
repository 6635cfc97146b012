import CKernels
import Foundation
import Testing

/// Every function, with parameters, the range that it is tested on, and the error it is allowed, |error| / |value| where the
/// value is at least 1e-3 of the typical one (`floor`), in units of 2^-24.
private let functions: [(kind: fovea_activation_kind, a: Float, b: Float, range: ClosedRange<Float>, ulps: Float)] = [
  (FOVEA_ACT_NONE, 0, 0, -3...3, 0), (FOVEA_ACT_RELU, 0, 0, -3...3, 0), (FOVEA_ACT_CLIP, -0.5, 1.5, -3...3, 0),
  (FOVEA_ACT_LEAKY, 0.01, 0, -3...3, 0), (FOVEA_ACT_HARD_SIGMOID, 0.2, 0.5, -4...4, 2),
  (FOVEA_ACT_HARD_SWISH, 0, 0, -4...4, 4), (FOVEA_ACT_ELU, 1.5, 0, -90...9, 6),
  (FOVEA_ACT_SELU, 1.6733, 1.0507, -9...9, 8), (FOVEA_ACT_CELU, 1.3, 0, -9...9, 8),
  (FOVEA_ACT_SIGMOID, 0, 0, -80...80, 8), (FOVEA_ACT_SILU, 0, 0, -80...80, 8), (FOVEA_ACT_GELU_ERF, 0, 0, -6...6, 8),
  (FOVEA_ACT_GELU_TANH, 0, 0, -6...6, 8), (FOVEA_ACT_ERF, 0, 0, -5...5, 6), (FOVEA_ACT_TANH, 0, 0, -10...10, 6),
  (FOVEA_ACT_SOFTPLUS, 0, 0, -80...80, 8), (FOVEA_ACT_MISH, 0, 0, -30...40, 10), (FOVEA_ACT_EXP, 0, 0, -87...88.7, 4),
  (FOVEA_ACT_LOG, 0, 0, 1e-6...1e6, 4), (FOVEA_ACT_SQRT, 0, 0, 0...100, 1), (FOVEA_ACT_ABS, 0, 0, -3...3, 0),
  (FOVEA_ACT_NEG, 0, 0, -3...3, 0), (FOVEA_ACT_POW, 2, 0, -3...3, 2), (FOVEA_ACT_POW, 0.5, 0, 0...9, 2),
  (FOVEA_ACT_POW, -1.7, 0, 0.1...9, 4), (FOVEA_ACT_POW, 3, 0, -3...3, 4), (FOVEA_ACT_RECIPROCAL, 0, 0, 0.1...9, 1),
  (FOVEA_ACT_AFFINE, 2, -1, -3...3, 0), (FOVEA_ACT_FLOOR, 0, 0, -9...9, 0), (FOVEA_ACT_CEIL, 0, 0, -9...9, 0),
  (FOVEA_ACT_ROUND, 0, 0, -9...9, 0), (FOVEA_ACT_SIGN, 0, 0, -1...1, 0), (FOVEA_ACT_SOFTSIGN, 0, 0, -9...9, 2),
  (FOVEA_ACT_THRESHOLDED, 0.7, 0, -3...3, 0), (FOVEA_ACT_QUANTIZE, 0.07, -20, -3...3, 0),
]

@Suite struct UnaryTests {
  @Test func everyFunctionHasACase() {
    #expect(Set(functions.map(\.kind.rawValue)).count == Int(FOVEA_ACT_COUNT.rawValue))
  }

  @Test(arguments: functions.indices)
  func isAccurate(index: Int) {
    let (kind, a, b, range, ulps) = functions[index]
    var dice = Dice(index + 31)
    let x = Floats(4099, &dice, in: range)
    for step in 0..<64 { x[step] = max(range.lowerBound, min(range.upperBound, Float(step - 32) / 4096)) }
    var extent = fovea_extent(batch: 1, channels: 1, pixels: Int64(x.count), blocked: 0)
    // For differences of near-equal values (GELU's tail, hard swish at -3) the error counts against the operands, at most 1.
    let cancelling = [
      FOVEA_ACT_GELU_ERF, FOVEA_ACT_GELU_TANH, FOVEA_ACT_HARD_SWISH, FOVEA_ACT_HARD_SIGMOID, FOVEA_ACT_AFFINE,
    ]
    let floor: Float = cancelling.contains(kind) ? 0.5 : 0
    for isa in vectorISAs {
      let y = Floats(x.count)
      inParts(3) { fovea_unary(isa, &extent, activation(kind, a, b), x.pointer, y.pointer, $0, 3) }
      var worst: Float = 0
      for i in 0..<x.count {
        let expected = fovea_activate(activation(kind, a, b), x[i])
        let error = abs(y[i] - expected) / max(abs(expected), floor, 1e-30)
        if !(error <= worst) { worst = error }
      }
      #expect(worst <= ulps * 0x1p-24 * 2, "kind \(kind.rawValue): \(worst * 0x1p24) units")
    }
  }

  @Test(arguments: functions.indices)
  func treatsSpecialValuesAsTheLibraryDoes(index: Int) {
    let (kind, a, b, _, _) = functions[index]
    let special: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, Float(bitPattern: 700), -Float(bitPattern: 700), 3e38, -3e38, 100, -100, 1,
      -1,
    ]
    let x = Floats(special)
    var extent = fovea_extent(batch: 1, channels: 1, pixels: Int64(x.count), blocked: 0)
    for isa in vectorISAs {
      let y = Floats(x.count)
      fovea_unary(isa, &extent, activation(kind, a, b), x.pointer, y.pointer, 0, 1)
      for i in 0..<x.count {
        let expected = fovea_activate(activation(kind, a, b), x[i])
        let same = y[i] == expected || (y[i].isNaN && expected.isNaN)
        #expect(
          same || abs(y[i] - expected) <= 1e-6 * max(abs(expected), 1e-32),
          "kind \(kind.rawValue) of \(x[i]): \(y[i]), not \(expected)")
      }
    }
  }

  @Test func keepsPaddingLanesZero() {
    var dice = Dice(32)
    for channels in [1, 15, 16, 17, 40] {
      let x = Floats(blocked: 2, channels, 7, &dice)
      let extent = fovea_extent(batch: 2, channels: Int64(channels), pixels: 7, blocked: 1)
      for kind in [FOVEA_ACT_SIGMOID, FOVEA_ACT_RELU, FOVEA_ACT_EXP] {
        expectAgreement("\(channels) channels", outputs: x.count, tolerance: 1e-6) { isa, output, parts in
          var extent = extent
          inParts(parts) { fovea_unary(isa, &extent, activation(kind), x.pointer, output.pointer, $0, parts) }
        }
      }
    }
  }
}

@Suite struct BinaryTests {
  @Test(arguments: 0...7 as ClosedRange<UInt32>)
  func agreesWithTheReference(kind: UInt32) {
    var dice = Dice(Int(kind) + 41)
    for round in 0..<40 {
      var p = fovea_binary_params()
      let blocked = round % 2
      let (batch, channels, pixels) = (dice.int(1...3), dice.int(1...40), dice.int(1...21))
      p.extent = fovea_extent(
        batch: Int64(batch), channels: Int64(channels), pixels: Int64(pixels), blocked: Int32(blocked))
      (p.kind, p.broadcast) = (fovea_binary_kind(kind), fovea_broadcast(UInt32(round / 2 % 5)))
      p.swapped = kind == FOVEA_PRELU.rawValue ? 0 : dice.int32(0...1)
      p.activation = dice.chance(1, of: 3) ? activation(FOVEA_ACT_SIGMOID) : activation(FOVEA_ACT_NONE)
      let positive = kind == FOVEA_POW.rawValue || kind == FOVEA_DIV.rawValue
      let range: ClosedRange<Float> = positive ? 0.5...2 : -1...1
      let count = fovea_extent_size(&p.extent)
      let x =
        blocked == 1 ? Floats(blocked: batch, channels, pixels, &dice, in: range) : Floats(Int(count), &dice, in: range)
      let other = Floats(Int(count), &dice, in: range)
      expectAgreement("case \(round): \(p)", outputs: Int(count), tolerance: 1e-6) { isa, output, parts in
        var p = p
        inParts(parts) { fovea_binary(isa, &p, x.pointer, other.pointer, output.pointer, $0, parts) }
      }
    }
  }

  @Test func channelAffineAgreesWithTheReference() {
    var dice = Dice(51)
    for round in 0..<40 {
      let (batch, channels, pixels) = (dice.int(1...3), dice.int(1...40), dice.int(1...21))
      let extent = fovea_extent(
        batch: Int64(batch), channels: Int64(channels), pixels: Int64(pixels), blocked: Int32(round % 2))
      let x =
        round % 2 == 1 ? Floats(blocked: batch, channels, pixels, &dice) : Floats(batch * channels * pixels, &dice)
      let (scale, shift) = (Floats(48, &dice), round % 3 == 0 ? nil : Floats(48, &dice))
      expectAgreement("case \(round)", outputs: x.count, tolerance: 1e-6) { isa, output, parts in
        var extent = extent
        inParts(parts) {
          fovea_channel_affine(
            isa, &extent, activation(FOVEA_ACT_LEAKY, 0.5), x.pointer, scale.pointer, shift?.pointer, output.pointer,
            $0,
            parts)
        }
      }
    }
  }

  @Test func lrnAgreesWithTheReference() {
    var dice = Dice(52)
    for round in 0..<30 {
      let (batch, channels, pixels) = (dice.int(1...2), dice.int(1...40), dice.int(1...9))
      var p = fovea_lrn_params()
      p.extent = fovea_extent(batch: Int64(batch), channels: Int64(channels), pixels: Int64(pixels), blocked: 1)
      (p.size, p.alpha, p.beta, p.bias) = (dice.int32(1...7), 0.9, round % 2 == 0 ? 0.75 : 0.6, round % 3 == 0 ? 1 : 2)
      let x = Floats(blocked: batch, channels, pixels, &dice, in: -3...3)
      expectAgreement("case \(round): \(p)", outputs: x.count, tolerance: 1e-6) { isa, output, parts in
        var p = p
        let scratch = Floats(fovea_lrn_scratch_size(isa, &p, parts) / 4, fill: .nan)
        inParts(parts) { fovea_lrn(isa, &p, x.pointer, output.pointer, scratch.pointer, $0, parts) }
      }
    }
  }
}
