import CKernels
import Testing

@Suite struct PoolTests {
  private func randomParams(_ dice: inout Dice) -> fovea_pool_params? {
    var p = fovea_pool_params()
    p.kind = dice.chance(1, of: 2) ? FOVEA_POOL_MAX : FOVEA_POOL_AVERAGE
    (p.batch, p.channels) = (dice.int32(1...2), dice.int32(1...40))
    (p.in_height, p.in_width) = (dice.int32(1...9), dice.int32(1...30))
    (p.kernel_height, p.kernel_width) = (dice.int32(1...4), dice.int32(1...4))
    (p.stride_height, p.stride_width) = (dice.int32(1...3), dice.int32(1...3))
    (p.dilation_height, p.dilation_width) = (dice.int32(1...2), dice.int32(1...2))
    (p.pad_top, p.pad_left) = (dice.int32(0...2), dice.int32(0...2))
    (p.pad_bottom, p.pad_right) = (dice.int32(0...2), dice.int32(0...2))
    p.count_include_pad = dice.int32(0...1)
    let ceiling = dice.chance(1, of: 2)
    let free = (
      p.in_height + p.pad_top + p.pad_bottom - (p.kernel_height - 1) * p.dilation_height - 1,
      p.in_width + p.pad_left + p.pad_right - (p.kernel_width - 1) * p.dilation_width - 1
    )
    guard free.0 >= 0, free.1 >= 0 else { return nil }
    p.out_height = (free.0 + (ceiling ? p.stride_height - 1 : 0)) / p.stride_height + 1
    p.out_width = (free.1 + (ceiling ? p.stride_width - 1 : 0)) / p.stride_width + 1
    let blocks = Int64(p.channels + 15) / 16
    p.in_batch_stride = blocks * 16 * Int64(p.in_height * p.in_width)
    p.out_batch_stride = blocks * 16 * Int64(p.out_height * p.out_width)
    return p
  }

  @Test func windowsAgreeWithTheReference() {
    var dice = Dice(11)
    var ran = 0
    while ran < 120 {
      guard let p = randomParams(&dice) else { continue }
      let input = Floats(blocked: Int(p.batch), Int(p.channels), Int(p.in_height * p.in_width), &dice)
      expectAgreement("case \(ran): \(p)", outputs: Int(p.out_batch_stride) * Int(p.batch), tolerance: 1e-6) {
        isa, output, parts in
        var p = p
        inParts(parts) { fovea_pool(isa, &p, input.pointer, output.pointer, $0, parts) }
      }
      ran += 1
    }
  }

  /// The square windows that have rows of their own, at every width of picture that one or two runs cover.
  @Test(arguments: [(2, 2), (3, 1), (3, 2)] as [(Int32, Int32)])
  func commonWindowsAgreeWithTheReference(size: Int32, stride: Int32) {
    var dice = Dice(13)
    for width in 4...33 as ClosedRange<Int32> {
      var p = fovea_pool_params()
      p.kind = dice.chance(1, of: 2) ? FOVEA_POOL_MAX : FOVEA_POOL_AVERAGE
      (p.batch, p.channels, p.count_include_pad) = (1, dice.int32(1...40), dice.int32(0...1))
      (p.in_height, p.in_width) = (dice.int32(3...9), width)
      (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (size, size, stride, stride)
      (p.dilation_height, p.dilation_width) = (1, 1)
      (p.pad_top, p.pad_left) = (dice.int32(0...Int(size) - 1), dice.int32(0...Int(size) - 1))
      (p.pad_bottom, p.pad_right) = (dice.int32(0...Int(size) - 1), dice.int32(0...Int(size) - 1))
      p.out_height = (p.in_height + p.pad_top + p.pad_bottom - size) / stride + 1
      p.out_width = (p.in_width + p.pad_left + p.pad_right - size) / stride + 1
      let blocks = Int(p.channels + 15) / 16
      p.in_batch_stride = Int64(blocks * 16 * Int(p.in_height * p.in_width))
      p.out_batch_stride = Int64(blocks * 16 * Int(p.out_height * p.out_width))
      let input = Floats(blocked: 1, Int(p.channels), Int(p.in_height * p.in_width), &dice)
      expectAgreement("width \(width): \(p)", outputs: Int(p.out_batch_stride), tolerance: 1e-6) { isa, output, parts in
        var p = p
        inParts(parts) { fovea_pool(isa, &p, input.pointer, output.pointer, $0, parts) }
      }
    }
  }

  @Test func wholePlanesAgreeWithTheReference() {
    var dice = Dice(12)
    for round in 0..<40 {
      var p = fovea_pool_params()
      p.kind = round % 2 == 0 ? FOVEA_POOL_MAX : FOVEA_POOL_AVERAGE
      (p.batch, p.channels) = (dice.int32(1...3), dice.int32(1...50))
      (p.in_height, p.in_width) = (dice.int32(1...9), dice.int32(1...9))
      let blocks = Int(p.channels + 15) / 16
      (p.in_batch_stride, p.out_batch_stride) = (Int64(blocks * 16 * Int(p.in_height * p.in_width)), Int64(blocks * 16))
      let input = Floats(blocked: Int(p.batch), Int(p.channels), Int(p.in_height * p.in_width), &dice)
      expectAgreement("round \(round)", outputs: blocks * 16 * Int(p.batch), tolerance: 1e-6) { isa, output, parts in
        var p = p
        inParts(parts) { fovea_global_pool(isa, &p, input.pointer, output.pointer, $0, parts) }
      }
    }
  }

  /// A 1 x 4 row under a window of 3 with one pad on each side, by hand.
  @Test(arguments: [FOVEA_SCALAR.rawValue] + vectorISAs.map(\.rawValue))
  func computesAKnownExample(isa: UInt32) {
    var p = fovea_pool_params()
    (p.batch, p.channels, p.in_height, p.in_width, p.out_height, p.out_width) = (1, 1, 1, 4, 1, 4)
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (1, 3, 1, 1)
    (p.dilation_height, p.dilation_width, p.pad_left, p.pad_right) = (1, 1, 1, 1)
    let (input, output) = (Floats(64), Floats(64))
    for (column, value) in [-3, -6, 9, 12].enumerated() { input[column * 16] = Float(value) }
    func run() -> [Float] {
      fovea_pool(fovea_isa(isa), &p, input.pointer, output.pointer, 0, 1)
      return (0..<4).map { output[$0 * 16] }
    }
    #expect(run() == [-3, 9, 12, 12])
    p.kind = FOVEA_POOL_AVERAGE
    #expect(run() == [-4.5, 0, 5, 10.5])
    p.count_include_pad = 1
    #expect(run() == [-3, 0, 5, 7])
  }
}
