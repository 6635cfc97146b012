import CKernels
import Testing

/// What a form makes of a tile: m outputs a side of a kernel of r, with a stride.
private struct Form {
  let algorithm: fovea_conv_algorithm
  let m: Int32
  let r: Int32
  var stride: Int32 = 1
}

private let forms = [
  Form(algorithm: FOVEA_CONV_WINOGRAD_4_3, m: 4, r: 3), Form(algorithm: FOVEA_CONV_WINOGRAD_2_3, m: 2, r: 3),
  Form(algorithm: FOVEA_CONV_WINOGRAD_4_5, m: 4, r: 5), Form(algorithm: FOVEA_CONV_WINOGRAD_3_4, m: 3, r: 4),
  Form(algorithm: FOVEA_CONV_WINOGRAD_4_3_2, m: 4, r: 3, stride: 2),
  Form(algorithm: FOVEA_CONV_WINOGRAD_3_3_2, m: 3, r: 3, stride: 2),
]

private func winogradParams(_ form: Form) -> fovea_conv_params {
  var p = fovea_conv_params()
  (p.algorithm, p.batch, p.groups) = (form.algorithm, 1, 1)
  (p.kernel_height, p.kernel_width, p.stride_height, p.stride_width) = (form.r, form.r, form.stride, form.stride)
  (p.dilation_height, p.dilation_width) = (1, 1)
  return p
}

extension fovea_conv_params {
  fileprivate mutating func setPicture(_ height: Int32, _ width: Int32, pads: (Int32, Int32, Int32, Int32)) {
    (in_height, in_width, pad_top, pad_left) = (height, width, pads.0, pads.1)
    let (below, beside) = (height + pads.0 + pads.2 - kernel_height, width + pads.1 + pads.3 - kernel_width)
    out_height = below < 0 ? 0 : below / stride_height + 1
    out_width = beside < 0 ? 0 : beside / stride_width + 1
  }
}

/// Pads of each side on its own, from -1 (which crops) to the kernel's size; nil when no output is left.
private func randomWinogradParams(_ form: Form, _ dice: inout Dice) -> fovea_conv_params? {
  var p = winogradParams(form)
  p.batch = dice.int32(1...2)
  p.in_channels = dice.chance(1, of: 4) ? dice.int32(33...70) : dice.int32(1...20)
  p.out_channels = dice.chance(1, of: 3) ? dice.int32(33...70) : dice.int32(1...20)
  let pads = dice.chance(1, of: 3) ? -1...p.kernel_height : 0...2
  let size = dice.chance(1, of: 5) ? 20...40 : 1...13 as ClosedRange<Int>
  p.setPicture(
    dice.int32(size), dice.int32(size),
    pads: (
      dice.int32(Int(pads.lowerBound)...Int(pads.upperBound)), dice.int32(Int(pads.lowerBound)...Int(pads.upperBound)),
      dice.int32(Int(pads.lowerBound)...Int(pads.upperBound)), dice.int32(Int(pads.lowerBound)...Int(pads.upperBound))
    ))
  p.activation =
    [
      activation(FOVEA_ACT_NONE), activation(FOVEA_ACT_RELU), activation(FOVEA_ACT_CLIP, 0.25, 0.75),
      activation(FOVEA_ACT_LEAKY, 0.1), activation(FOVEA_ACT_HARD_SWISH), activation(FOVEA_ACT_SIGMOID),
    ][dice.int(0...5)]
  return p.out_height < 1 || p.out_width < 1 ? nil : p
}

/// Rounding grows with the size of the sums: about 1e-5 of their root mean square at worst, F(4x4,5x5) twice that.
/// The terms are products of numbers of mean square 1/3 and 1/12.
private func tolerance(_ p: fovea_conv_params) -> Float {
  let sums = (Float(p.in_channels * p.kernel_height * p.kernel_width) / 36).squareRoot()
  return 1e-5 + (p.algorithm == FOVEA_CONV_WINOGRAD_4_5 ? 3e-5 : 1.5e-5) * sums
}

/// Against the direct convolution with sums in double, which is the scalar reference of every algorithm.
@Suite struct WinogradTests {
  @Test(arguments: forms.indices)
  func agreesWithTheReference(form: Int) {
    let form = forms[form]
    var dice = Dice(Int(form.algorithm.rawValue) + 40)
    var ran = 0
    while ran < 80 {
      guard var p = randomWinogradParams(form, &dice) else { continue }
      #expect(fovea_conv_accepts(&p) == 1)
      let item = ConvolutionCase(p, &dice)
      expectAgreement("case \(ran): \(p)", outputs: item.outputs, tolerance: tolerance(p), item.run)
      ran += 1
    }
  }

  /// Maxima of 2x2 instead of the results.
  @Test func maximaAgreeWithTheReference() {
    var dice = Dice(45)
    var ran = 0
    while ran < 120 {
      let form = forms[ran % 3]
      guard var p = randomWinogradParams(form, &dice), p.out_height > 1, p.out_width > 1 else { continue }
      if p.activation.kind.rawValue > FOVEA_ACT_CLIP.rawValue { p.activation = activation(FOVEA_ACT_CLIP, 0.25, 0.75) }
      p.pooled = 1
      #expect(fovea_conv_accepts(&p) == 1)
      let item = ConvolutionCase(p, &dice)
      expectAgreement("case \(ran): \(p)", outputs: item.outputs, tolerance: tolerance(p), item.run)
      ran += 1
    }
    var p = winogradParams(forms[3])
    (p.in_channels, p.out_channels, p.out_height, p.out_width, p.pooled) = (8, 8, 6, 6, 1)
    #expect(fovea_conv_accepts(&p) == 0, "tiles of three")
    p = winogradParams(forms[0])
    (p.in_channels, p.out_channels, p.out_height, p.out_width, p.pooled) = (8, 8, 6, 6, 1)
    #expect(fovea_conv_accepts(&p) == 1)
    p.activation = activation(FOVEA_ACT_SIGMOID)
    #expect(fovea_conv_accepts(&p) == 0, "a function that is no clamp")
  }

  /// A NaN in the input makes the maxima NaN that a pool of its own would make NaN.
  @Test func maximaKeepNaN() {
    for isa in vectorISAs {
      var p = winogradParams(forms[0])
      (p.in_channels, p.out_channels, p.pooled) = (1, 1, 1)
      p.setPicture(8, 8, pads: (1, 1, 1, 1))
      (p.in_batch_stride, p.out_batch_stride) = (8 * 8 * 16, 4 * 4 * 16)
      let (input, output, weights) = (Floats(8 * 8 * 16), Floats(4 * 4 * 16, fill: 1), Floats(9, fill: 1))
      input[0] = .nan
      run(&p, isa, input, weights, output)
      // The transforms spread it over its tile of 4x4 results, and no further.
      for pixel in 0..<16 { #expect(output[pixel * 16].isNaN == (pixel / 4 < 2 && pixel % 4 < 2), "\(pixel)") }
    }
  }

  /// Several blocks of tiles, with weights that stay in the cache and with weights that do not.
  @Test(arguments: [(40, 40, 47, 45), (160, 176, 33, 31)] as [(Int32, Int32, Int32, Int32)])
  func agreesAcrossBlocks(inChannels: Int32, outChannels: Int32, height: Int32, width: Int32) {
    var dice = Dice(8)
    for form in forms {
      var p = winogradParams(form)
      (p.in_channels, p.out_channels) = (inChannels, outChannels)
      p.setPicture(height, width, pads: (1, 1, 1, 1))
      let item = ConvolutionCase(p, &dice)
      expectAgreement("\(p)", outputs: item.outputs, tolerance: tolerance(p), item.run)
    }
  }

  /// Every number of tiles that a register tile may hold, and one more.
  @Test func agreesAtEveryCountOfTiles() {
    var dice = Dice(9)
    for form in forms {
      for tiles in 1...31 as ClosedRange<Int32> {
        var p = winogradParams(form)
        (p.in_channels, p.out_channels) = (17, 49)
        let columns = tiles * form.m - tiles % 2
        p.setPicture(form.r, (columns - 1) * form.stride + form.r, pads: (0, 0, 0, 0))
        let item = ConvolutionCase(p, &dice)
        expectAgreement("\(tiles) tiles", outputs: item.outputs, tolerance: tolerance(p), item.run)
      }
    }
  }

  /// Every number of outputs that the last tiles of rows and of columns may be left with, where those tiles are many (so that a form may
  /// make fewer products for them), and where one picture of a batch ends in the middle of a group of tiles.
  @Test func agreesAtEveryEdge() {
    var dice = Dice(12)
    for form in forms {
      for rows in 1...form.m {
        for columns in 1...form.m {
          var p = winogradParams(form)
          (p.in_channels, p.out_channels, p.batch) = (35, 49, 2)
          let (height, width) = (form.m * dice.int32(0...3) + rows, form.m * dice.int32(0...2) + columns)
          p.setPicture(
            (height - 1) * form.stride + form.r - 2, (width - 1) * form.stride + form.r - 2, pads: (1, 1, 1, 1))
          guard p.in_height > 0, p.in_width > 0 else { continue }
          #expect((p.out_height, p.out_width) == (height, width))
          let item = ConvolutionCase(p, &dice)
          expectAgreement("\(height)x\(width)", outputs: item.outputs, tolerance: tolerance(p), item.run)
        }
      }
    }
  }

  /// 14 is three whole tiles of six points and one of four, 13 one of three; 27 would save less than a tenth.
  @Test(arguments: [(14, 22 * 22), (13, 21 * 21), (27, 42 * 42), (28, 42 * 42)] as [(Int32, Int64)])
  func lastTilesTakeFewerProducts(size: Int32, products: Int64) {
    var p = winogradParams(forms[0])
    (p.in_channels, p.out_channels, p.batch) = (16, 16, 2)
    p.setPicture(size, size, pads: (1, 1, 1, 1))
    for isa in vectorISAs { #expect(fovea_conv_products(isa, &p) == 2 * products) }
    #expect(fovea_conv_products(FOVEA_SCALAR, &p) == 2 * 9 * Int64(size) * Int64(size), "the reference has no tiles")
  }

  /// A single 1 in the input gives the flipped weights around it, exactly where they belong and nothing elsewhere.
  @Test func respondsToAnImpulseWithItsWeights() {
    for isa in vectorISAs {
      for form in forms {
        var p = winogradParams(form)
        (p.in_channels, p.out_channels) = (1, 1)
        let (size, half) = (13, Int(p.kernel_width) / 2)
        let (before, after) = (Int32(half), p.kernel_width - 1 - Int32(half))
        p.setPicture(13, 13, pads: (before, before, after, after))
        let (stride, width) = (Int(form.stride), Int(p.out_width))
        let outputs = width * Int(p.out_height)
        (p.in_batch_stride, p.out_batch_stride) = (Int64(size * size * 16), Int64(outputs * 16))
        let taps = Int(p.kernel_width) * Int(p.kernel_width)
        let weights = Floats((0..<taps).map { Float($0 + 1) })
        for position in [0, 6 * 13 + 6, 5 * 13 + 3, 168] {
          let (input, output) = (Floats(size * size * 16), Floats(outputs * 16, fill: .nan))
          input[position * 16] = 1
          run(&p, isa, input, weights, output)
          for pixel in 0..<outputs {
            let (y, x) = (pixel / width * stride, pixel % width * stride)
            let (dy, dx) = (position / 13 - y + half, position % 13 - x + half)
            let all = 0..<Int(p.kernel_width)
            let inside = all.contains(dy) && all.contains(dx)
            let expected: Float = inside ? weights[dy * Int(p.kernel_width) + dx] : 0
            #expect(abs(output[pixel * 16] - expected) < 2e-4, "\(form), pixel \(pixel)")
          }
        }
      }
    }
  }

  private func run(_ p: inout fovea_conv_params, _ isa: fovea_isa, _ input: Floats, _ weights: Floats, _ output: Floats)
  {
    let packed = Floats(fovea_conv_weights_size(isa, &p))
    fovea_conv_pack(isa, &p, weights.pointer, packed.pointer)
    let scratch = Floats(fovea_conv_scratch_size(isa, &p, 1) / 4, fill: .nan)
    var args = fovea_conv_args(
      input: input.pointer, weights: packed.pointer, bias: nil, residual: nil, output: output.pointer,
      scratch: scratch.pointer)
    fovea_conv(isa, &p, &args, 0, 1)
  }

  @Test func refusesWhatItCannotTake() {
    for form in forms {
      var p = winogradParams(form)
      (p.in_channels, p.out_channels) = (32, 32)
      #expect(fovea_conv_accepts(&p) == 1)
      let changes: [WritableKeyPath<fovea_conv_params, Int32>] = [
        \.kernel_height, \.kernel_width, \.stride_height, \.stride_width, \.dilation_height, \.dilation_width, \.groups,
      ]
      for change in changes {
        var q = p
        q[keyPath: change] *= 2
        #expect(fovea_conv_accepts(&q) == 0)
      }
    }
  }
}
