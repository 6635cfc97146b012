import CKernels
import Testing

/// The units that this machine multiplies bfloat16 with, without the reference.
private let units: [fovea_bf16_isa] = [FOVEA_BF16_AVX512, FOVEA_BF16_AMX].filter {
  $0.rawValue <= fovea_bf16_best().rawValue
}

/// 64-byte aligned bfloat16.
private final class Halves {
  let pointer: UnsafeMutablePointer<fovea_bfloat16>
  let count: Int

  init(_ count: Int, fill: fovea_bfloat16 = 0) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 32) * 2, alignment: 64)
    pointer = raw.bindMemory(to: fovea_bfloat16.self, capacity: max(count, 32))
    pointer.initialize(repeating: fill, count: max(count, 32))
  }

  /// Random lanes below `channels`, zero lanes above, [batch][blocks of 32][pixels][32].
  convenience init(_ batch: Int, _ channels: Int, _ pixels: Int, _ dice: inout Dice) {
    let blocks = (channels + 31) / 32
    self.init(batch * blocks * pixels * 32)
    for index in 0..<count where index / 32 / pixels % blocks * 32 + index % 32 < channels {
      pointer[index] = fovea_bfloat16(dice.float().bitPattern >> 16)
    }
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  var bits: [fovea_bfloat16] { (0..<count).map { pointer[$0] } }
  var floats: [Float] { bits.map { Float(bitPattern: UInt32($0) << 16) } }
}

/// Runs a kernel on each unit in 1, 2 and 3 parts, and expects the reference's numbers to within a rounding or `slack`, and
/// the same bits for any number of parts.
private func expectAgreement(
  _ label: @autoclosure () -> String, outputs count: Int, slack: Float = 2e-5,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ run: (_ unit: fovea_bf16_isa, _ output: Halves, _ parts: Int32) -> Void
) {
  let reference = Halves(count, fill: 0x4321)
  run(FOVEA_BF16_REFERENCE, reference, 1)
  let wanted = reference.floats
  for unit in units {
    var first: [fovea_bfloat16]?
    for parts in 1...3 as ClosedRange<Int32> {
      let output = Halves(count, fill: 0x4321)
      run(unit, output, parts)
      let wrong = zip(output.floats, wanted).enumerated().first { !(abs($1.0 - $1.1) <= 0.01 * abs($1.1) + slack) }
      #expect(
        wrong == nil, "\(label()), unit \(unit.rawValue), \(parts) parts: \(String(describing: wrong))",
        sourceLocation: sourceLocation)
      let bits = output.bits
      #expect(first == nil || first == bits, "\(label()): parts change bits", sourceLocation: sourceLocation)
      first = bits
    }
  }
}

/// One convolution with its operands.
private struct Bfloat16Convolution {
  var p: fovea_bf16_conv_params
  let picture: Halves
  let planes: Floats
  let weights: Floats
  let bias: Floats?
  let residual: Halves?

  init(_ params: fovea_bf16_conv_params, hasResidual: Bool, _ dice: inout Dice) {
    p = params
    let (batch, inPixels) = (Int(p.conv.batch), Int(p.conv.in_height * p.conv.in_width))
    let (channels, outPixels) = (Int(p.conv.out_channels), Int(p.conv.out_height * p.conv.out_width))
    let isPlanar = p.conv.algorithm == FOVEA_CONV_PLANAR
    picture = Halves(batch, Int(p.conv.in_channels), inPixels, &dice)
    planes = Floats(batch * Int(p.conv.in_channels) * inPixels, &dice)
    residual = hasResidual ? Halves(batch, channels, outPixels, &dice) : nil
    bias = dice.chance(1, of: 2) ? Floats(blocked: 1, channels, 1, &dice) : nil
    let taps = p.conv.kernel_height * p.conv.kernel_width
    weights = Floats(Int(p.conv.in_channels / p.conv.groups * p.conv.out_channels * taps), &dice)
    let outImage = (Int(p.first_lane) + channels + 31) / 32 * 32 * outPixels
    p.conv.in_batch_stride = Int64((isPlanar ? planes.count : picture.count) / batch)
    p.conv.residual_batch_stride = Int64(outImage)
    p.conv.out_batch_stride = Int64(outImage + 32)  // a gap that must stay as it was
  }

  /// A result of about unit size is rounded before a sum and before a function that is no clamp: an output near zero then differs by more.
  var slack: Float { residual != nil || p.conv.activation.kind.rawValue > FOVEA_ACT_CLIP.rawValue ? 0.06 : 2e-5 }

  func check(_ label: String) {
    expectAgreement(label, outputs: Int(p.conv.out_batch_stride) * Int(p.conv.batch), slack: slack) {
      unit, output, parts in
      var p = p
      let packed = Floats(fovea_bf16_weights_size(unit, &p) / 4, fill: .nan)
      fovea_bf16_pack(unit, &p, weights.pointer, packed.pointer)
      let scratch = Floats(fovea_bf16_scratch_size(unit, &p, parts) / 4, fill: .nan)
      var args = fovea_bf16_conv_args(
        input: p.conv.algorithm == FOVEA_CONV_PLANAR
          ? UnsafeRawPointer(planes.pointer) : UnsafeRawPointer(picture.pointer),
        weights: packed.pointer, bias: bias?.pointer, residual: residual?.pointer, output: output.pointer,
        scratch: scratch.pointer)
      inParts(parts) { fovea_bf16_conv(unit, &p, &args, $0, parts) }
    }
  }
}

private func params(
  _ algorithm: fovea_conv_algorithm, channels: (Int32, Int32), height: Int32, width: Int32, kernel: Int32,
  stride: Int32 = 1, pad: Int32 = 0
) -> fovea_bf16_conv_params {
  var p = fovea_conv_params()
  (p.algorithm, p.batch, p.groups) = (algorithm, 1, algorithm == FOVEA_CONV_DEPTHWISE ? channels.0 : 1)
  (p.in_channels, p.out_channels, p.in_height, p.in_width) = (channels.0, channels.1, height, width)
  (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (kernel, kernel, stride, stride)
  (p.dilation_height, p.dilation_width, p.pad_top, p.pad_left) = (1, 1, pad, pad)
  p.out_height = (height + 2 * pad - kernel) / stride + 1
  p.out_width = (width + 2 * pad - kernel) / stride + 1
  p.activation = activation(FOVEA_ACT_RELU)
  return fovea_bf16_conv_params(conv: p, first_lane: 0, keeps_rest: 0)
}

@Suite struct Bfloat16ConvolutionTests {
  private func randomParams(_ algorithm: fovea_conv_algorithm, _ dice: inout Dice) -> fovea_bf16_conv_params? {
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups) = (algorithm, dice.int32(1...2), 1)
    p.in_channels = dice.int32(1...(algorithm == FOVEA_CONV_PLANAR ? 4 : 100))
    p.out_channels = dice.int32(1...100)
    if algorithm == FOVEA_CONV_DEPTHWISE {
      p.groups = dice.int32(1...70)
      (p.in_channels, p.out_channels) = (p.groups, p.groups)
    }
    (p.in_height, p.in_width) = (dice.int32(1...12), dice.int32(1...40))
    (p.kernel_height, p.kernel_width) = (dice.int32(1...5), dice.int32(1...5))
    (p.stride_height, p.stride_width) = (dice.int32(1...3), dice.int32(1...3))
    (p.dilation_height, p.dilation_width) = (dice.int32(1...2), dice.int32(1...2))
    if dice.chance(1, of: 3) { (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (1, 1, 1, 1) }
    let padded = dice.chance(2, of: 3)
    (p.pad_top, p.pad_left) = padded ? (dice.int32(-1...2), dice.int32(-1...2)) : (0, 0)
    let (bottom, right) = padded ? (dice.int32(0...2), dice.int32(0...2)) : (0, 0)
    let free = (
      p.in_height + p.pad_top + bottom - (p.kernel_height - 1) * p.dilation_height - 1,
      p.in_width + p.pad_left + right - (p.kernel_width - 1) * p.dilation_width - 1
    )
    guard free.0 >= 0, free.1 >= 0 else { return nil }
    (p.out_height, p.out_width) = (free.0 / p.stride_height + 1, free.1 / p.stride_width + 1)
    p.activation =
      [
        activation(FOVEA_ACT_NONE), activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, 0.25, 0.75),
        activation(FOVEA_ACT_HARD_SWISH), activation(FOVEA_ACT_SIGMOID),
      ][dice.int(0...4)]
    return fovea_bf16_conv_params(conv: p, first_lane: 0, keeps_rest: 0)
  }

  @Test(arguments: [FOVEA_CONV_BLOCKED, FOVEA_CONV_DEPTHWISE, FOVEA_CONV_PLANAR].map(\.rawValue))
  func agreesWithTheReference(algorithm: UInt32) {
    var dice = Dice(Int(algorithm) + 31)
    var ran = 0
    while ran < 80 {
      guard var p = randomParams(fovea_conv_algorithm(algorithm), &dice) else { continue }
      let hasResidual = dice.chance(1, of: 3)
      if algorithm != FOVEA_CONV_DEPTHWISE.rawValue && !hasResidual {
        (p.first_lane, p.keeps_rest) = (16 * dice.int32(0...1), dice.int32(0...1))
      }
      #expect(fovea_bf16_accepts(&p) == 1)
      Bfloat16Convolution(p, hasResidual: hasResidual, &dice).check("case \(ran): \(p)")
      ran += 1
    }
  }

  /// Every width up to some groups of pixels, and windows that have rows of their own.
  @Test(arguments: [(1, 1), (3, 1), (3, 2), (5, 1), (5, 2)] as [(Int32, Int32)])
  func agreesAtEveryWidth(kernel: Int32, stride: Int32) {
    var dice = Dice(37)
    for width in 5...37 as ClosedRange<Int32> {
      for algorithm in [FOVEA_CONV_BLOCKED, FOVEA_CONV_DEPTHWISE, FOVEA_CONV_PLANAR] {
        let (x, y): (Int32, Int32) =
          algorithm == FOVEA_CONV_BLOCKED ? (40, 72) : algorithm == FOVEA_CONV_PLANAR ? (3, 48) : (40, 40)
        let p = params(
          algorithm, channels: (x, y), height: 6, width: width, kernel: kernel, stride: stride, pad: kernel / 2)
        Bfloat16Convolution(p, hasResidual: false, &dice).check("width \(width): \(p)")
      }
    }
  }

  /// Pictures too large for one strip of the cache, and weights that are prefetched.
  @Test func agreesAcrossStrips() {
    var dice = Dice(38)
    for p in [
      params(FOVEA_CONV_BLOCKED, channels: (200, 20), height: 42, width: 40, kernel: 3, pad: 1),
      params(FOVEA_CONV_BLOCKED, channels: (400, 20), height: 30, width: 30, kernel: 1),
      params(FOVEA_CONV_BLOCKED, channels: (256, 128), height: 7, width: 7, kernel: 3, pad: 1),
      params(FOVEA_CONV_PLANAR, channels: (3, 20), height: 90, width: 700, kernel: 3, stride: 2, pad: 1),
    ] { Bfloat16Convolution(p, hasResidual: false, &dice).check("\(p)") }
  }

  @Test func theReferenceComputesAKnownExample() {
    // 2 x 2 kernel 1 2 / 3 4 on the picture 1 2 3 / 4 5 6 / 7 8 9, bias 100.
    var p = params(FOVEA_CONV_PLANAR, channels: (1, 1), height: 3, width: 3, kernel: 2)
    let (input, weights, output) = (Floats([1, 2, 3, 4, 5, 6, 7, 8, 9]), Floats([1, 2, 3, 4]), Halves(128))
    let packed = Floats(fovea_bf16_weights_size(FOVEA_BF16_REFERENCE, &p) / 4)
    fovea_bf16_pack(FOVEA_BF16_REFERENCE, &p, weights.pointer, packed.pointer)
    let bias = Floats([100] + [Float](repeating: 0, count: 15))
    var args = fovea_bf16_conv_args(
      input: input.pointer, weights: packed.pointer, bias: bias.pointer, residual: nil, output: output.pointer,
      scratch: nil)
    fovea_bf16_conv(FOVEA_BF16_REFERENCE, &p, &args, 0, 1)
    #expect([0, 32, 64, 96].map { output.floats[$0] } == [137, 147, 167, 177])
    // 8 significant bits: ties go to the even neighbour.
    bias[0] = 257 - 37
    fovea_bf16_conv(FOVEA_BF16_REFERENCE, &p, &args, 0, 1)
    #expect([0, 32, 64, 96].map { output.floats[$0] } == [256, 268, 288, 296])
  }

  @Test func refusesWhatItCannotTake() {
    var p = params(FOVEA_CONV_BLOCKED, channels: (8, 8), height: 4, width: 4, kernel: 1)
    #expect(fovea_bf16_accepts(&p) == 1)
    p.first_lane = 8
    #expect(fovea_bf16_accepts(&p) == 0)
    (p.first_lane, p.conv.groups) = (0, 2)
    #expect(fovea_bf16_accepts(&p) == 0)
    p = params(FOVEA_CONV_PLANAR, channels: (5, 8), height: 4, width: 4, kernel: 1)
    #expect(fovea_bf16_accepts(&p) == 0)
    p = params(FOVEA_CONV_TRANSPOSE, channels: (5, 8), height: 4, width: 4, kernel: 1)
    #expect(fovea_bf16_accepts(&p) == 0)
    p = params(FOVEA_CONV_DEPTHWISE, channels: (8, 8), height: 4, width: 4, kernel: 1)
    p.keeps_rest = 1
    #expect(fovea_bf16_accepts(&p) == 0)
  }
}

@Suite struct Bfloat16MapTests {
  @Test func poolsAgreeWithTheReference() {
    var dice = Dice(41)
    var ran = 0
    while ran < 120 {
      var p = fovea_pool_params()
      p.kind = dice.chance(2, of: 3) ? FOVEA_POOL_MAX : FOVEA_POOL_AVERAGE
      (p.batch, p.channels, p.count_include_pad) = (dice.int32(1...2), dice.int32(1...70), dice.int32(0...1))
      (p.in_height, p.in_width) = (dice.int32(1...9), dice.int32(1...40))
      (p.kernel_height, p.kernel_width) = (dice.int32(1...4), dice.int32(1...4))
      (p.stride_height, p.stride_width) = (dice.int32(1...3), dice.int32(1...3))
      (p.dilation_height, p.dilation_width) = (dice.int32(1...2), dice.int32(1...2))
      (p.pad_top, p.pad_left, p.pad_bottom, p.pad_right) = (
        dice.int32(0...2), dice.int32(0...2), dice.int32(0...2), dice.int32(0...2)
      )
      let free = (
        p.in_height + p.pad_top + p.pad_bottom - (p.kernel_height - 1) * p.dilation_height - 1,
        p.in_width + p.pad_left + p.pad_right - (p.kernel_width - 1) * p.dilation_width - 1
      )
      guard free.0 >= 0, free.1 >= 0 else { continue }
      p.out_height = (free.0 + dice.int32(0...Int(p.stride_height) - 1)) / p.stride_height + 1
      p.out_width = (free.1 + dice.int32(0...Int(p.stride_width) - 1)) / p.stride_width + 1
      let blocks = Int64(p.channels + 31) / 32 * 32
      p.in_batch_stride = blocks * Int64(p.in_height * p.in_width)
      p.out_batch_stride = blocks * Int64(p.out_height * p.out_width)
      let input = Halves(Int(p.batch), Int(p.channels), Int(p.in_height * p.in_width), &dice)
      expectAgreement("case \(ran): \(p)", outputs: Int(p.out_batch_stride) * Int(p.batch)) { unit, output, parts in
        var p = p
        inParts(parts) { fovea_bf16_pool(unit, &p, input.pointer, output.pointer, $0, parts) }
      }
      ran += 1
    }
  }

  @Test func wholePlanesAgreeWithTheReference() {
    var dice = Dice(42)
    for round in 0..<40 {
      var p = fovea_pool_params()
      p.kind = round % 2 == 0 ? FOVEA_POOL_MAX : FOVEA_POOL_AVERAGE
      (p.batch, p.channels) = (dice.int32(1...3), dice.int32(1...80))
      (p.in_height, p.in_width) = (dice.int32(1...9), dice.int32(1...9))
      p.in_batch_stride = Int64(p.channels + 31) / 32 * 32 * Int64(p.in_height * p.in_width)
      p.out_batch_stride = Int64(p.channels + 15) / 16 * 16
      let input = Halves(Int(p.batch), Int(p.channels), Int(p.in_height * p.in_width), &dice)
      let count = Int(p.out_batch_stride) * Int(p.batch)
      let wanted = Floats(count)
      fovea_bf16_global_pool(FOVEA_BF16_REFERENCE, &p, input.pointer, wanted.pointer, 0, 1)
      for unit in units {
        let output = Floats(count)
        inParts(2) { fovea_bf16_global_pool(unit, &p, input.pointer, output.pointer, $0, 2) }
        #expect(worstDifference(output, wanted).value <= 1e-6, "round \(round)")
      }
    }
  }

  @Test func mapsAndPlacesAgreeWithTheReference() {
    var dice = Dice(43)
    for round in 0..<60 {
      var e = fovea_extent(
        batch: Int64(dice.int(1...2)), channels: Int64(dice.int(1...80)), pixels: Int64(dice.int(1...20)), blocked: 1)
      let (batch, channels, pixels) = (Int(e.batch), Int(e.channels), Int(e.pixels))
      let (x, other) = (Halves(batch, channels, pixels, &dice), Halves(batch, channels, pixels, &dice))
      let (scale, shift) = (Floats(blocked: 1, channels, 1, &dice), Floats(blocked: 1, channels, 1, &dice))
      let uses = (0..<3).map { _ in dice.chance(1, of: 2) }
      let f = [
        activation(FOVEA_ACT_NONE), activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, 0.25, 0.75),
        activation(FOVEA_ACT_SIGMOID),
      ][round % 4]
      expectAgreement("map \(round)", outputs: x.count) { unit, output, parts in
        inParts(parts) {
          fovea_bf16_map(
            unit, &e, f, x.pointer, uses[0] ? scale.pointer : nil, uses[1] ? shift.pointer : nil,
            uses[2] ? other.pointer : nil, output.pointer, $0, parts)
        }
      }
      let (lane, keepsRest) = (dice.int32(0...1) * 16, dice.int32(0...1))
      expectAgreement("place \(round)", outputs: (Int(lane) + channels + 31) / 32 * 32 * pixels) {
        unit, output, parts in
        inParts(parts) {
          fovea_bf16_place(unit, e.channels, e.pixels, lane, keepsRest, x.pointer, output.pointer, $0, parts)
        }
      }
    }
  }

  /// Sums of ones: an output of the reference, of a chain of vectors and of a tile stands for 1, 16 and 4 x 256 outputs.
  @Test func theLoopDoesWhatItCounts() {
    for unit in [FOVEA_BF16_REFERENCE] + units {
      var (few, many): (Float, Float) = (0, 0)
      let operations = fovea_bf16_loop(unit, 10, &few)
      #expect(fovea_bf16_loop(unit, 1000, &many) == 100 * operations && many == 100 * few)
      #expect([2.0, 2.0 * 16, 2.0 * 4 * 256].contains(operations / Double(few)))
    }
  }

  /// bfloat16 is exact in float32, and comes back as it was.
  @Test func layoutsGoBothWays() {
    var dice = Dice(44)
    for unit in [FOVEA_BF16_REFERENCE] + units {
      for _ in 0..<20 {
        var e = fovea_extent(
          batch: Int64(dice.int(1...2)), channels: Int64(dice.int(1...80)), pixels: Int64(dice.int(1...20)), blocked: 1)
        let (batch, channels, pixels) = (Int(e.batch), Int(e.channels), Int(e.pixels))
        let (x, back) = (Halves(batch, channels, pixels, &dice), Halves(batch, channels, pixels, &dice))
        let floats = Floats(batch * ((channels + 15) / 16 * 16) * pixels, fill: .nan)
        inParts(3) { fovea_bf16_to_blocked(unit, &e, x.pointer, floats.pointer, $0, 3) }
        inParts(3) { fovea_bf16_from_blocked(unit, &e, floats.pointer, back.pointer, $0, 3) }
        #expect(back.bits == x.bits)
        let first = (0..<pixels).map { floats[$0 * 16] }
        #expect(first == (0..<pixels).map { x.floats[$0 * 32] })
      }
    }
  }
}
