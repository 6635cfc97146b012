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
