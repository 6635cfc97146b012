import CKernels
import Testing

/// A window of 7 or 8 rows and columns that goes in steps of 2, or of 9 to 12 in steps of 4; nil when no output is left.
private func phasesParams(_ dice: inout Dice) -> fovea_conv_params? {
  var p = fovea_conv_params()
  (p.algorithm, p.batch, p.groups) = (FOVEA_CONV_WINOGRAD_PHASES, dice.int32(1...2), 1)
  let stride: Int32 = dice.chance(1, of: 2) ? 2 : 4
  let kernels = stride == 2 ? 7...8 : 9...12 as ClosedRange<Int>
  (p.kernel_height, p.kernel_width) = (dice.int32(kernels), dice.int32(kernels))
  (p.stride_height, p.stride_width, p.dilation_height, p.dilation_width) = (stride, stride, 1, 1)
  (p.in_channels, p.out_channels) = (
    dice.int32(1...4), dice.chance(1, of: 3) ? dice.int32(33...70) : dice.int32(1...20)
  )
  let size = dice.chance(1, of: 4) ? 60...170 : 1...30 as ClosedRange<Int>
  (p.in_height, p.in_width) = (dice.int32(size), dice.int32(size))
  let pads = (0..<4).map { _ in dice.int32(-2...9) }
  (p.pad_top, p.pad_left) = (pads[0], pads[1])
  let (rows, columns) = (p.in_height + pads[0] + pads[2], p.in_width + pads[1] + pads[3])
  guard rows >= p.kernel_height, columns >= p.kernel_width else { return nil }
  (p.out_height, p.out_width) = ((rows - p.kernel_height) / stride + 1, (columns - p.kernel_width) / stride + 1)
  p.activation =
    [
      activation(FOVEA_ACT_NONE), activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, 0.25, 0.75),
      activation(FOVEA_ACT_SIGMOID),
    ][dice.int(0...3)]
  return p
}

/// Against the direct convolution with sums in double.
@Suite struct WinogradPhasesTests {
  @Test func agreesWithTheReference() {
    var dice = Dice(77)
    var ran = 0
    while ran < 120 {
      guard var p = phasesParams(&dice) else { continue }
      #expect(fovea_conv_accepts(&p) == 1)
      let item = ConvolutionCase(p, &dice)
      expectAgreement("case \(ran): \(p)", outputs: item.outputs, tolerance: 5e-5, item.run)
      ran += 1
    }
  }

  /// Shares of more parts than the picture has rows of tiles, and several blocks of tiles for each.
  @Test func anyNumberOfPartsGivesTheSameBits() throws {
    var dice = Dice(78)
    var p = try #require((0..<1000).lazy.compactMap { _ in phasesParams(&dice) }.first { $0.out_width > 35 })
    p.activation = activation(FOVEA_ACT_NONE)
    let item = ConvolutionCase(p, &dice)
    for isa in vectorISAs {
      let whole = Floats(item.outputs)
      item.run(isa, whole, 1)
      for parts in [2, 5, 8, 64] as [Int32] {
        let shared = Floats(item.outputs)
        item.run(isa, shared, parts)
        #expect(shared.bits == whole.bits, "\(parts) parts")
      }
    }
  }

  @Test func refusesWhatItCannotTake() throws {
    var dice = Dice(79)
    for stride in [2, 4] as [Int32] {
      let p = try #require((0..<1000).lazy.compactMap { _ in phasesParams(&dice) }.first { $0.stride_width == stride })
      let changes: [(WritableKeyPath<fovea_conv_params, Int32>, Int32)] = [
        (\.kernel_height, 6), (\.kernel_width, 13), (\.stride_height, 1), (\.stride_width, 3), (\.dilation_width, 2),
        (\.in_channels, 5), (\.groups, 2),
      ]
      for (change, value) in changes {
        var q = p
        q[keyPath: change] = value
        #expect(fovea_conv_accepts(&q) == 0)
      }
    }
  }
}
