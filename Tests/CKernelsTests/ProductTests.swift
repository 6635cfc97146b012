import CKernels
import Testing

@Suite struct ProductTests {
  @Test func linearAgreesWithTheReference() {
    var dice = Dice(21)
    for round in 0..<60 {
      var p = fovea_linear_params()
      (p.rows, p.in_features, p.out_features) = (dice.int32(1...33), dice.int32(1...90), dice.int32(1...100))
      (p.in_row_stride, p.out_row_stride) = (Int64(p.in_features) + Int64(round % 3), Int64(p.out_features) + 5)
      p.activation = round % 2 == 0 ? activation(FOVEA_ACT_RELU) : activation(FOVEA_ACT_TANH)
      let columns = Int(p.out_features)
      let depth = Int(p.in_features)
      let x = Floats(Int(p.rows) * Int(p.in_row_stride), &dice)
      let weights = Floats(columns * depth, &dice, in: -0.3...0.3)
      let bias = dice.chance(1, of: 2) ? Floats(columns, &dice) : nil
      let residual = dice.chance(1, of: 2) ? Floats(Int(p.rows) * Int(p.out_row_stride), &dice) : nil
      let byColumns = dice.chance(1, of: 2)
      expectAgreement("case \(round): \(p)", outputs: Int(p.rows) * Int(p.out_row_stride), tolerance: 1e-5) {
        isa, output, parts in
        var p = p
        let packed = Floats(fovea_linear_weights_size(isa, &p), fill: .nan)
        let strides = byColumns ? (1, Int64(columns)) : (Int64(depth), 1)
        fovea_linear_pack(isa, &p, weights.pointer, strides.0, strides.1, 0.5, packed.pointer)
        var args = fovea_linear_args(
          input: x.pointer, weights: packed.pointer, bias: bias?.pointer, residual: residual?.pointer,
          output: output.pointer)
        inParts(parts) { fovea_linear(isa, &p, &args, $0, parts) }
      }
    }
  }

  @Test(arguments: [FOVEA_WEIGHTS_ROWS, FOVEA_WEIGHTS_20_BITS, FOVEA_WEIGHTS_FP16])
  func storedWeightsAgreeWithTheReference(form: fovea_weights) {
    var dice = Dice(23)
    for round in 0..<30 {
      var p = fovea_linear_params()
      (p.rows, p.in_features, p.out_features) = (dice.int32(1...3), dice.int32(1...400), dice.int32(1...40))
      (p.in_row_stride, p.out_row_stride) = (Int64(p.in_features) + 3, Int64(p.out_features) + 5)
      (p.weights, p.activation) = (form, activation(round % 2 == 0 ? FOVEA_ACT_NONE : FOVEA_ACT_RELU))
      let (columns, depth) = (Int(p.out_features), Int(p.in_features))
      let x = Floats(Int(p.rows) * Int(p.in_row_stride), &dice)
      let weights = Floats(columns * depth, &dice, in: -0.3...0.3)
      let bias = dice.chance(1, of: 2) ? Floats(columns, &dice) : nil
      let residual = dice.chance(1, of: 2) ? Floats(Int(p.rows) * Int(p.out_row_stride), &dice) : nil
      let strides = dice.chance(1, of: 2) ? (1, Int64(columns)) : (Int64(depth), 1)
      expectAgreement("case \(round): \(p)", outputs: Int(p.rows) * Int(p.out_row_stride), tolerance: 1e-5) {
        isa, output, parts in
        var p = p
        let packed = Floats(fovea_linear_weights_size(isa, &p), fill: .nan)
        fovea_linear_pack(isa, &p, weights.pointer, strides.0, strides.1, 0.5, packed.pointer)
        var args = fovea_linear_args(
          input: x.pointer, weights: packed.pointer, bias: bias?.pointer, residual: residual?.pointer,
          output: output.pointer)
        inParts(parts) { fovea_linear(isa, &p, &args, $0, parts) }
      }
    }
  }

  /// The error of a whole number of 20 bits is even over a unit: its standard deviation is the unit by the root of 12.
  @Test(arguments: [FOVEA_SCALAR.rawValue] + vectorISAs.map(\.rawValue))
  func packingTellsWhatItLoses(isa: UInt32) {
    var dice = Dice(24)
    var p = fovea_linear_params()
    (p.rows, p.in_features, p.out_features, p.weights) = (1, 128, 8, FOVEA_WEIGHTS_20_BITS)
    let weights = Floats(8 * 128, &dice, in: -1...1)
    func loss() -> Float {
      let packed = Floats(fovea_linear_weights_size(fovea_isa(isa), &p))
      return fovea_linear_pack(fovea_isa(isa), &p, weights.pointer, 128, 1, 1, packed.pointer)
    }
    let expected = 2 / 524287 / Float(12).squareRoot()
    #expect(loss() > 0.7 * expected && loss() < 1.4 * expected, "\(loss()) for \(expected)")
    weights.pointer[128 * 5] = 1000
    #expect(loss() > 2e-5, "one large weight takes the bits of its block")
    weights.pointer[128 * 5] = .infinity
    #expect(!loss().isFinite)
    p.weights = FOVEA_WEIGHTS_FP16
    weights.pointer[128 * 5] = 70000
    #expect(!loss().isFinite)
    weights.pointer[128 * 5] = 1
    #expect(loss() > 1e-4 && loss() < 1 / 2048)
    p.weights = FOVEA_WEIGHTS_ROWS
    #expect(loss() == 0)
  }

  @Test func matmulAgreesWithTheReference() {
    var dice = Dice(22)
    for round in 0..<60 {
      var p = fovea_matmul_params()
      (p.batch, p.m, p.n, p.k) = (dice.int32(1...3), dice.int32(1...31), dice.int32(1...70), dice.int32(1...50))
      let (m, n, k) = (Int64(p.m), Int64(p.n), Int64(p.k))
      (p.a_row, p.a_column) = dice.chance(1, of: 2) ? (k, 1) : (1, m)
      (p.b_row, p.b_column) = dice.chance(1, of: 2) ? (n, 1) : (1, k)
      (p.a_batch, p.b_batch) = (m * k, dice.chance(1, of: 3) ? 0 : n * k)
      (p.alpha, p.activation) = (0.25, activation(FOVEA_ACT_NONE))
      let (a, b) = (Floats(Int(p.batch) * Int(m * k), &dice), Floats(Int(p.batch) * Int(n * k), &dice))
      expectAgreement("case \(round): \(p)", outputs: Int(p.batch) * Int(m * n), tolerance: 1e-5) {
        isa, output, parts in
        var p = p
        let scratch = Floats(fovea_matmul_scratch_size(isa, &p, parts) / 4, fill: .nan)
        inParts(parts) { fovea_matmul(isa, &p, a.pointer, b.pointer, output.pointer, scratch.pointer, $0, parts) }
      }
    }
  }

  @Test(arguments: [FOVEA_SCALAR.rawValue] + vectorISAs.map(\.rawValue))
  func multipliesAKnownExample(isa: UInt32) {
    var p = fovea_matmul_params(
      batch: 1, m: 2, n: 2, k: 3, a_batch: 0, a_row: 3, a_column: 1, b_batch: 0, b_row: 2, b_column: 1, alpha: 1,
      activation: activation(FOVEA_ACT_NONE))
    let (a, b, c) = (Floats([1, 2, 3, 4, 5, 6]), Floats([7, 8, 9, 10, 11, 12]), Floats(4))
    let scratch = Floats(fovea_matmul_scratch_size(fovea_isa(isa), &p, 1) / 4)
    fovea_matmul(fovea_isa(isa), &p, a.pointer, b.pointer, c.pointer, scratch.pointer, 0, 1)
    #expect(c.values == [58, 64, 139, 154])
  }
}
