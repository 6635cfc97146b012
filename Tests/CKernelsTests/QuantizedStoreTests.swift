import CKernels
import Testing

/// What a convolution does to its numbers as it stores them: f(before(x) + residual), to the last bit what the same functions give one
/// after the other, by their scalar reference.
@Suite struct QuantizedStoreTests {
  private static let functions = [
    activation(FOVEA_ACT_QUANTIZE, 0.07, -20), activation(FOVEA_ACT_QUANTIZE, 0.0625, 0), activation(FOVEA_ACT_NONE),
    activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, -0.5, 0.75), activation(FOVEA_ACT_LEAKY, 0.25),
  ]

  private func params(
    _ algorithm: fovea_conv_algorithm, _ kernel: Int32, stride: Int32 = 1, channels: (Int32, Int32),
    _ height: Int32, _ width: Int32
  ) -> fovea_conv_params {
    var p = fovea_conv_params()
    (p.algorithm, p.batch, p.groups) = (algorithm, 2, algorithm == FOVEA_CONV_DEPTHWISE ? channels.0 : 1)
    (p.in_channels, p.out_channels) = channels
    (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (kernel, kernel, stride, stride)
    (p.dilation_height, p.dilation_width, p.pad_top, p.pad_left) = (1, 1, kernel / 2, kernel / 2)
    (p.in_height, p.in_width) = (height, width)
    (p.out_height, p.out_width) = ((height - 1) / stride + 1, (width - 1) / stride + 1)
    return p
  }

  /// What the convolution alone gives, then the functions and the sum, number by number.
  private func applied(_ item: ConvolutionCase, to sums: Floats) -> Floats {
    let (p, values, image) = (item.p, Floats(sums.values), Int(item.p.residual_batch_stride))
    for n in 0..<Int(p.batch) {
      for i in 0..<image {
        let at = n * Int(p.out_batch_stride) + i
        if let residual = item.residual {
          values[at] = fovea_activate(p.before, values[at]) + residual[n * image + i]
        }
        let lane = i / 16 / Int(p.out_height * p.out_width) * 16 + i % 16
        values[at] = lane < Int(p.out_channels) ? fovea_activate(p.activation, values[at]) : 0
      }
    }
    return values
  }

  /// With every function behind the sum and before it, and without a sum.
  private func check(_ p: fovea_conv_params, on isas: [fovea_isa] = vectorISAs, _ dice: inout Dice) {
    var p = p
    #expect(fovea_conv_accepts(&p) == 1)
    var item = ConvolutionCase(p, &dice)
    let residual = Floats(blocked: Int(p.batch), Int(p.out_channels), Int(p.out_height * p.out_width), &dice)
    for isa in isas {
      item.residual = nil
      (item.p.before, item.p.activation) = (activation(FOVEA_ACT_NONE), activation(FOVEA_ACT_NONE))
      let sums = Floats(item.outputs, fill: -7)
      item.run(isa, sums, 1)
      for (index, function) in Self.functions.enumerated() {
        item.p.activation = function
        for before in [activation(FOVEA_ACT_NONE), Self.functions[(index + 1) % 2]] {
          item.p.before = before
          for added in [residual, nil] {
            item.residual = added
            let output = Floats(item.outputs, fill: -7)
            item.run(isa, output, 2)
            // Numbers and not bits: zeros may differ in sign.
            let worst = worstDifference(output, applied(item, to: sums))
            #expect(worst.value == 0, "isa \(isa.rawValue), at \(worst.index), \(item.p)")
          }
        }
      }
    }
  }

  /// Every shape of the register tile: pixels of a row, pairs of rows, half vectors; sums in several chains and passes.
  @Test func directConvolutions() {
    var dice = Dice(61)
    for width in 1...15 as ClosedRange<Int32> {
      check(params(FOVEA_CONV_BLOCKED, 1, channels: (19, 24), 1, width), on: [FOVEA_SCALAR] + vectorISAs, &dice)
      check(params(FOVEA_CONV_BLOCKED, 3, channels: (16, 48), 2, width), &dice)
      check(params(FOVEA_CONV_BLOCKED, 1, channels: (400, 40), 1, width), &dice)
    }
    check(params(FOVEA_CONV_BLOCKED, 3, stride: 2, channels: (16, 70), 9, 13), &dice)
    check(params(FOVEA_CONV_PLANAR, 3, stride: 2, channels: (3, 24), 9, 33), &dice)
  }

  /// Windows that have rows of their own, and any others.
  @Test(arguments: [(3, 1), (3, 2), (5, 1), (5, 2), (2, 1), (4, 3)] as [(Int32, Int32)])
  func depthwiseConvolutions(size: Int32, stride: Int32) {
    var dice = Dice(62)
    for width in [5, 17, 30] as [Int32] {
      check(params(FOVEA_CONV_DEPTHWISE, size, stride: stride, channels: (21, 21), 7, width), &dice)
    }
  }

  @Test(
    arguments: [
      (FOVEA_CONV_WINOGRAD_4_3, 3, 1), (FOVEA_CONV_WINOGRAD_2_3, 3, 1), (FOVEA_CONV_WINOGRAD_4_5, 5, 1),
      (FOVEA_CONV_WINOGRAD_3_4, 4, 1), (FOVEA_CONV_WINOGRAD_4_3_2, 3, 2), (FOVEA_CONV_WINOGRAD_3_3_2, 3, 2),
      (FOVEA_CONV_WINOGRAD_PHASES, 7, 2), (FOVEA_CONV_WINOGRAD_PHASES, 11, 4),
    ].map { ($0.0.rawValue, $0.1, $0.2) } as [(UInt32, Int32, Int32)])
  func winograd(algorithm: UInt32, size: Int32, stride: Int32) {
    var dice = Dice(63)
    let algorithm = fovea_conv_algorithm(algorithm)
    let inputs: Int32 = algorithm == FOVEA_CONV_WINOGRAD_PHASES ? 3 : 20
    for extent in [6, 8, 13, 31] as [Int32] {
      check(params(algorithm, size, stride: stride, channels: (inputs, 40), extent, extent + 3), &dice)
    }
  }
}
