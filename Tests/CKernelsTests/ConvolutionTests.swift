import CKernels
import Testing

/// One convolution with its operands.
struct ConvolutionCase {
  var p: fovea_conv_params
  let input: Floats
  let weights: Floats
  let bias: Floats?
  var residual: Floats?

  init(_ params: fovea_conv_params, _ dice: inout Dice) {
    p = params
    let planar = p.algorithm == FOVEA_CONV_PLANAR || p.algorithm == FOVEA_CONV_WINOGRAD_PHASES
    let (batch, inPixels) = (Int(p.batch), Int(p.in_height * p.in_width))
    let (outChannels, outPixels) = (Int(p.out_channels), Int(p.out_height * p.out_width))
    input =
      planar
      ? Floats(batch * Int(p.in_channels) * inPixels, &dice)
      : Floats(blocked: batch, Int(p.in_channels), inPixels, &dice)
    residual = p.pooled == 0 && dice.chance(1, of: 2) ? Floats(blocked: batch, outChannels, outPixels, &dice) : nil
    bias = dice.chance(1, of: 2) ? Floats(blocked: 1, outChannels, 1, &dice) : nil
    weights = Floats(
      Int(p.in_channels / p.groups * p.out_channels * p.kernel_height * p.kernel_width), &dice, in: -0.5...0.5)
    let stored = p.pooled == 0 ? outPixels : Int(p.out_height / 2 * (p.out_width / 2))
    let outImage = (outChannels + 15) / 16 * 16 * stored
    p.in_batch_stride = Int64(input.count / batch)
    p.residual_batch_stride = Int64(outImage)
    p.out_batch_stride = Int64(outImage + 16)  // a gap that must stay as it was
  }

  var outputs: Int { Int(p.out_batch_stride) * Int(p.batch) }

  func run(_ isa: fovea_isa, _ output: Floats, _ parts: Int32) {
    var p = p
    let packed = Floats(fovea_conv_weights_size(isa, &p), fill: .nan)
    fovea_conv_pack(isa, &p, weights.pointer, packed.pointer)
    let scratch = Floats(fovea_conv_scratch_size(isa, &p, parts) / 4, fill: .nan)
    var args = fovea_conv_args(
      input: input.pointer, weights: packed.pointer, bias: bias?.pointer, residual: residual?.pointer,
      output: output.pointer, scratch: scratch.pointer)
    inParts(parts) { fovea_conv(isa, &p, &args, $0, parts) }
  }
}

private func outputExtent(_ size: Int32, _ kernel: Int32, _ stride: Int32, _ dilation: Int32, pads: Int32) -> Int32 {
  let free = size + pads - (kernel - 1) * dilation - 1
  return free < 0 ? 0 : free / stride + 1
}

/// Random parameters of one algorithm; nil when the window does not fit.
private func randomParams(_ algorithm: fovea_conv_algorithm, _ dice: inout Dice) -> fovea_conv_params? {
  var p = fovea_conv_params()
  p.algorithm = algorithm
  p.batch = dice.int32(1...2)
  p.groups = algorithm == FOVEA_CONV_PLANAR || dice.chance(1, of: 2) ? 1 : dice.int32(2...5)
  p.in_channels = p.groups * dice.int32(1...(algorithm == FOVEA_CONV_PLANAR ? 4 : 20))
  p.out_channels = p.groups * dice.int32(1...(dice.chance(1, of: 3) ? 70 : 20))
  if algorithm == FOVEA_CONV_DEPTHWISE {
    p.groups = dice.int32(1...40)
    (p.in_channels, p.out_channels) = (p.groups, p.groups)
  }
  (p.in_height, p.in_width) = (dice.int32(1...11), dice.int32(1...32))
  (p.kernel_height, p.kernel_width) = (dice.int32(1...4), dice.int32(1...4))
  (p.stride_height, p.stride_width) = (dice.int32(1...3), dice.int32(1...3))
  (p.dilation_height, p.dilation_width) = (dice.int32(1...2), dice.int32(1...2))
  if dice.chance(1, of: 4) {
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (1, 1, 1, 1)
  }
  let padded = dice.chance(2, of: 3)
  (p.pad_top, p.pad_left) = padded ? (dice.int32(0...2), dice.int32(0...2)) : (0, 0)
  let (bottom, right) = padded ? (dice.int32(0...2), dice.int32(0...2)) : (0, 0)
  if algorithm == FOVEA_CONV_TRANSPOSE {
    p.out_height =
      (p.in_height - 1) * p.stride_height + (p.kernel_height - 1) * p.dilation_height + 1 - p.pad_top - bottom
    p.out_width = (p.in_width - 1) * p.stride_width + (p.kernel_width - 1) * p.dilation_width + 1 - p.pad_left - right
  } else {
    p.out_height = outputExtent(
      p.in_height, p.kernel_height, p.stride_height, p.dilation_height, pads: p.pad_top + bottom)
    p.out_width = outputExtent(p.in_width, p.kernel_width, p.stride_width, p.dilation_width, pads: p.pad_left + right)
  }
  p.activation =
    [
      activation(FOVEA_ACT_NONE), activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, 0.25, 0.75),
      activation(FOVEA_ACT_LEAKY, 0.1), activation(FOVEA_ACT_HARD_SWISH), activation(FOVEA_ACT_SIGMOID),
    ][dice.int(0...5)]
  return p.out_height < 1 || p.out_width < 1 ? nil : p
}

@Suite struct ConvolutionTests {
  @Test(arguments: [FOVEA_CONV_BLOCKED, FOVEA_CONV_DEPTHWISE, FOVEA_CONV_PLANAR, FOVEA_CONV_TRANSPOSE].map(\.rawValue))
  func agreesWithTheReference(algorithm: UInt32) {
    var dice = Dice(Int(algorithm) + 1)
    var ran = 0
    while ran < 60 {
      guard var p = randomParams(fovea_conv_algorithm(algorithm), &dice) else { continue }
      #expect(fovea_conv_accepts(&p) == 1)
      let item = ConvolutionCase(p, &dice)
      expectAgreement("case \(ran): \(p)", outputs: item.outputs, tolerance: 2e-5, item.run)
      ran += 1
    }
  }

  /// Every width up to three tiles, so that every shape of the register tile runs, one row and two.
  @Test func agreesAtEveryWidth() {
    var dice = Dice(5)
    for width in 1...43 as ClosedRange<Int32> {
      for (kernel, height) in [(1, 3), (3, 2), (3, 5)] as [(Int32, Int32)] {
        var p = fovea_conv_params()
        (p.algorithm, p.batch, p.groups) = (FOVEA_CONV_BLOCKED, 1, 1)
        (p.in_channels, p.out_channels) = (19, 48)
        (p.in_height, p.in_width, p.out_height, p.out_width) = (height, width, height, width)
        (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (kernel, kernel, 1, 1)
        (p.dilation_height, p.dilation_width, p.pad_top, p.pad_left) = (1, 1, kernel / 2, kernel / 2)
        let item = ConvolutionCase(p, &dice)
        expectAgreement("width \(width), kernel \(kernel)", outputs: item.outputs, tolerance: 2e-5, item.run)
      }
    }
  }

  /// The square windows that have rows of their own, at every width of picture that one or two runs cover.
  @Test(arguments: [(3, 1), (3, 2), (5, 1), (5, 2)] as [(Int32, Int32)])
  func commonDepthwiseWindowsAgree(size: Int32, stride: Int32) {
    var dice = Dice(8)
    for width in 5...33 as ClosedRange<Int32> {
      var p = fovea_conv_params()
      p.algorithm = FOVEA_CONV_DEPTHWISE
      (p.batch, p.groups) = (1, dice.int32(1...40))
      (p.in_channels, p.out_channels) = (p.groups, p.groups)
      (p.in_height, p.in_width) = (dice.int32(5...9), width)
      (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (size, size, stride, stride)
      (p.dilation_height, p.dilation_width) = (1, 1)
      (p.pad_top, p.pad_left) = (dice.int32(0...Int(size) - 1), dice.int32(0...Int(size) - 1))
      p.out_height = outputExtent(p.in_height, size, stride, 1, pads: p.pad_top + dice.int32(0...2))
      p.out_width = outputExtent(p.in_width, size, stride, 1, pads: p.pad_left + dice.int32(0...2))
      p.activation =
        [
          activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, 0.25, 0.75), activation(FOVEA_ACT_SIGMOID),
        ][dice.int(0...2)]
      let item = ConvolutionCase(p, &dice)
      expectAgreement("width \(width): \(p)", outputs: item.outputs, tolerance: 2e-5, item.run)
    }
  }

  /// 1 x 1 windows with strides read pixels that are gathered first.
  @Test func agreesForStridedPoints() {
    var dice = Dice(9)
    for width in 1...41 as ClosedRange<Int32> {
      for (down, right) in [(2, 2), (1, 2), (2, 1), (3, 2)] as [(Int32, Int32)] {
        var p = fovea_conv_params()
        (p.algorithm, p.batch) = (FOVEA_CONV_BLOCKED, dice.int32(1...2))
        p.groups = dice.int32(1...2)
        (p.in_channels, p.out_channels) = (p.groups * dice.int32(1...40), p.groups * 24)
        (p.in_height, p.in_width) = (dice.int32(1...9), width)
        (p.out_height, p.out_width) = ((p.in_height - 1) / down + 1, (width - 1) / right + 1)
        (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (1, 1, down, right)
        (p.dilation_height, p.dilation_width) = (1, 1)
        let item = ConvolutionCase(p, &dice)
        expectAgreement("width \(width), stride \(down)x\(right)", outputs: item.outputs, tolerance: 2e-5, item.run)
      }
    }
  }

  /// A tensor too large for one strip of the cache.
  @Test func agreesAcrossStrips() {
    var dice = Dice(6)
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups) = (FOVEA_CONV_BLOCKED, 1, 1)
    (p.in_channels, p.out_channels) = (272, 16)
    (p.in_height, p.in_width, p.out_height, p.out_width) = (31, 33, 31, 33)
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (3, 1, 1, 1)
    (p.dilation_height, p.dilation_width, p.pad_top) = (1, 1, 1)
    let item = ConvolutionCase(p, &dice)
    expectAgreement("strips", outputs: item.outputs, tolerance: 5e-5, item.run)
  }

  @Test func theReferenceComputesAKnownExample() {
    // 2 x 2 kernel 1 2 / 3 4 on the picture 1 2 3 / 4 5 6 / 7 8 9, bias 100.
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups, p.in_channels, p.out_channels) = (FOVEA_CONV_PLANAR, 1, 1, 1, 1)
    (p.in_height, p.in_width, p.out_height, p.out_width) = (3, 3, 2, 2)
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (2, 2, 1, 1)
    (p.dilation_height, p.dilation_width) = (1, 1)
    let (input, weights, output) = (Floats([1, 2, 3, 4, 5, 6, 7, 8, 9]), Floats([1, 2, 3, 4]), Floats(64))
    let bias = Floats([100] + [Float](repeating: 0, count: 15))
    var args = fovea_conv_args(
      input: input.pointer, weights: weights.pointer, bias: bias.pointer, residual: nil, output: output.pointer,
      scratch: nil)
    fovea_conv(FOVEA_SCALAR, &p, &args, 0, 1)
    #expect([0, 16, 32, 48].map { output[$0] } == [137, 147, 167, 177])
  }

  /// <conv(x), y> = <x, convTranspose(y)> with the same weights.
  @Test func theTransposeIsTheAdjoint() {
    var dice = Dice(7)
    for isa in [FOVEA_SCALAR] + vectorISAs {
      var p = fovea_conv_params()
      (p.algorithm, p.batch, p.groups, p.in_channels, p.out_channels) = (FOVEA_CONV_BLOCKED, 1, 3, 12, 21)
      (p.in_height, p.in_width, p.out_height, p.out_width) = (9, 11, 5, 4)
      (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (3, 4, 2, 3)
      (p.dilation_height, p.dilation_width, p.pad_top, p.pad_left) = (1, 1, 1, 1)
      var q = p
      q.algorithm = FOVEA_CONV_TRANSPOSE
      (q.in_channels, q.out_channels) = (p.out_channels, p.in_channels)
      (q.in_height, q.in_width, q.out_height, q.out_width) = (p.out_height, p.out_width, p.in_height, p.in_width)
      let (x, y) = (Floats(blocked: 1, 12, 99, &dice), Floats(blocked: 1, 21, 20, &dice))
      let weights = Floats(21 * 4 * 12, &dice)
      let (forward, back) = (run(&p, isa, x, weights, outputs: y.count), run(&q, isa, y, weights, outputs: x.count))
      let left = zip(forward.values, y.values).map { Double($0) * Double($1) }.reduce(0, +)
      let right = zip(back.values, x.values).map { Double($0) * Double($1) }.reduce(0, +)
      #expect(abs(left - right) < 1e-4)
    }
  }

  private func run(
    _ p: inout fovea_conv_params, _ isa: fovea_isa, _ input: Floats, _ weights: Floats, outputs: Int
  ) -> Floats {
    let (packed, output) = (Floats(fovea_conv_weights_size(isa, &p)), Floats(outputs))
    fovea_conv_pack(isa, &p, weights.pointer, packed.pointer)
    let scratch = Floats(fovea_conv_scratch_size(isa, &p, 1) / 4)
    var args = fovea_conv_args(
      input: input.pointer, weights: packed.pointer, bias: nil, residual: nil, output: output.pointer,
      scratch: scratch.pointer)
    fovea_conv(isa, &p, &args, 0, 1)
    return output
  }

  @Test func refusesWhatItCannotTake() {
    var p = fovea_conv_params()
    #expect(fovea_conv_accepts(&p) == 0)
    (p.batch, p.groups, p.in_channels, p.out_channels) = (1, 2, 4, 6)
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (1, 1, 1, 1)
    (p.dilation_height, p.dilation_width) = (1, 1)
    #expect(fovea_conv_accepts(&p) == 1)
    p.algorithm = FOVEA_CONV_PLANAR
    #expect(fovea_conv_accepts(&p) == 0)
    p.algorithm = FOVEA_CONV_DEPTHWISE
    #expect(fovea_conv_accepts(&p) == 0)
    p.algorithm = FOVEA_CONV_BLOCKED
    p.in_channels = 5
    #expect(fovea_conv_accepts(&p) == 0)
  }
}
