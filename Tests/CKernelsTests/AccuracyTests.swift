import CKernels
import Testing

/// How much long sums round: the errors of one chain of additions grow with the square root of its length, and whole networks
/// amplify them layer by layer.
@Suite struct AccuracyTests {
  /// Algorithm, input channels, kernel, stride, and what the root mean square of the error may be by that of the result. One chain
  /// over all of K exceeds it by half and more.
  @Test(
    arguments: [
      (FOVEA_CONV_BLOCKED.rawValue, 2048, 1, 1, 4e-7), (FOVEA_CONV_BLOCKED.rawValue, 256, 3, 1, 3e-7),
      (FOVEA_CONV_WINOGRAD_4_3.rawValue, 256, 3, 1, 8e-7), (FOVEA_CONV_WINOGRAD_2_3.rawValue, 512, 3, 1, 3e-7),
      (FOVEA_CONV_WINOGRAD_4_3_2.rawValue, 256, 3, 2, 5e-7), (FOVEA_CONV_WINOGRAD_3_3_2.rawValue, 256, 3, 2, 3e-7),
    ] as [(UInt32, Int32, Int32, Int32, Float)])
  func aLongSumIsAsExactAsAShortOne(algorithm: UInt32, channels: Int32, kernel: Int32, stride: Int32, limit: Float) {
    var dice = Dice(9)
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups) = (fovea_conv_algorithm(algorithm), 1, 1)
    (p.in_channels, p.in_height, p.in_width) = (channels, 8, 7)
    (p.out_channels, p.out_height, p.out_width) = (48, 7 / stride + 1, 6 / stride + 1)
    (p.kernel_height, p.kernel_width, p.pad_top, p.pad_left) = (kernel, kernel, kernel / 2, kernel / 2)
    (p.stride_height, p.stride_width, p.dilation_height, p.dilation_width) = (stride, stride, 1, 1)
    let one = ConvolutionCase(p, &dice)
    let reference = Floats(one.outputs)
    one.run(FOVEA_SCALAR, reference, 1)
    for isa in vectorISAs {
      let output = Floats(one.outputs)
      one.run(isa, output, 1)
      let error = rootMeanSquare(zip(output.values, reference.values).map { $0 - $1 })
      #expect(error <= limit * rootMeanSquare(reference.values), "isa \(isa.rawValue)")
    }
  }

  /// A residual that lies where the output goes is read before it is overwritten, however the sum over K is cut.
  @Test(arguments: [(1024, 1), (64, 3)] as [(Int32, Int32)])
  func aResidualInPlaceGivesTheSameBits(channels: Int32, kernel: Int32) {
    var dice = Dice(11)
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups) = (FOVEA_CONV_BLOCKED, 1, 1)
    (p.in_channels, p.in_height, p.in_width) = (channels, 5, 9)
    (p.out_channels, p.out_height, p.out_width) = (40, 5, 9)
    (p.kernel_height, p.kernel_width, p.pad_top, p.pad_left) = (kernel, kernel, kernel / 2, kernel / 2)
    (p.stride_height, p.stride_width, p.dilation_height, p.dilation_width) = (1, 1, 1, 1)
    p.activation = activation(FOVEA_ACT_RELU)
    (p.in_batch_stride, p.out_batch_stride, p.residual_batch_stride) = (0, 0, 0)
    let input = Floats(blocked: 1, Int(channels), 45, &dice)
    let weights = Floats(Int(channels * 40 * kernel * kernel), &dice)
    let residual = Floats(blocked: 1, 40, 45, &dice, in: -9...9)
    for isa in vectorISAs {
      let packed = Floats(fovea_conv_weights_size(isa, &p))
      fovea_conv_pack(isa, &p, weights.pointer, packed.pointer)
      let scratch = Floats(fovea_conv_scratch_size(isa, &p, 1) / 4)
      let (apart, inPlace) = (Floats(residual.count), Floats(residual.values))
      for (from, to) in [(residual, apart), (inPlace, inPlace)] {
        var args = fovea_conv_args(
          input: input.pointer, weights: packed.pointer, bias: nil, residual: from.pointer, output: to.pointer,
          scratch: scratch.pointer)
        fovea_conv(isa, &p, &args, 0, 1)
      }
      #expect(apart.bits == inPlace.bits, "isa \(isa.rawValue)")
    }
  }

  /// The same for the rows of a matrix product.
  @Test func aDeepProductIsExact() {
    var dice = Dice(10)
    var p = fovea_matmul_params()
    (p.batch, p.m, p.n, p.k, p.alpha) = (1, 14, 64, 3000, 1)
    (p.a_row, p.a_column, p.b_row, p.b_column) = (3000, 1, 64, 1)
    let (a, b) = (Floats(14 * 3000, &dice), Floats(64 * 3000, &dice))
    let outputs = ([FOVEA_SCALAR] + vectorISAs).map { isa in
      let (c, scratch) = (Floats(14 * 64), Floats(fovea_matmul_scratch_size(isa, &p, 1) / 4))
      fovea_matmul(isa, &p, a.pointer, b.pointer, c.pointer, scratch.pointer, 0, 1)
      return c.values
    }
    for output in outputs.dropFirst() {
      let error = rootMeanSquare(zip(output, outputs[0]).map { $0 - $1 })
      #expect(error <= 4e-7 * rootMeanSquare(outputs[0]))
    }
  }

  private func rootMeanSquare(_ values: [Float]) -> Float {
    Float((values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot())
  }
}
