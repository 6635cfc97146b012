import CKernels

/// The ways in which one convolution may be computed, and which of them is expected to be the fastest.
struct ConvolutionAlgorithm {
  let params: fovea_conv_params
  let isa: ISA
  /// True where packed weights must stay small: Winograd's are 1.8 to 4 times the direct kernel's.
  let lean: Bool

  /// The choice is made for one picture also where a batch is computed, so that a picture's numbers do not depend on the batch.
  init(params: fovea_conv_params, isa: ISA, lean: Bool) {
    var params = params
    params.batch = 1
    (self.params, self.isa, self.lean) = (params, isa, lean)
  }

  /// What the kernels accept for these sizes, the plain choice first. All give the same numbers but for rounding.
  var eligible: [fovea_conv_algorithm] {
    guard params.algorithm == FOVEA_CONV_BLOCKED else { return [params.algorithm] }
    if params.groups > 1, params.groups == params.in_channels, params.groups == params.out_channels {
      return [FOVEA_CONV_DEPTHWISE]
    }
    if params.groups == 1, params.in_channels <= 4 { return [FOVEA_CONV_PLANAR] + winograds(of: [.phases(params)]) }
    return [FOVEA_CONV_BLOCKED] + winograds(of: WinogradForm.blocked)
  }

  /// The eligible one of least expected time. A transform is taken when it promises to save a tenth: the model of
  /// costs leaves some of its work out.
  var expected: fovea_conv_algorithm {
    guard let plain = eligible.first else { return params.algorithm }
    let limit = 0.9 * cycles(plain)
    let others = eligible.dropFirst().map { (algorithm: $0, cycles: cycles($0)) }
    guard let best = others.min(by: { $0.cycles < $1.cycles }), best.cycles < limit else { return plain }
    return best.algorithm
  }

  /// Between values in bfloat16 the plain choice is a direct kernel on bfloat16. The form of Winograd that is expected to be faster in
  /// float32; nil for none.
  var fasterThanBfloat16: fovea_conv_algorithm? {
    let forms = eligibleBesideBfloat16.dropFirst().map { (algorithm: $0, cycles: cyclesBesideBfloat16($0)) }
    guard let best = forms.min(by: { $0.cycles < $1.cycles }),
      best.cycles < 0.9 * cyclesBesideBfloat16(FOVEA_CONV_BLOCKED)
    else { return nil }
    return best.algorithm
  }

  private var eligibleBesideBfloat16: [fovea_conv_algorithm] {
    let isDense = params.algorithm == FOVEA_CONV_BLOCKED && params.groups == 1 && params.in_channels > 4
    return isDense ? eligible : []
  }

  /// As `chosen`, between values in bfloat16; nil for the direct kernel.
  func chosenBesideBfloat16(_ choices: TunedChoices) -> fovea_conv_algorithm? {
    guard let choice = choices[ConvolutionLayer(params)], eligibleBesideBfloat16.contains(choice) else {
      return fasterThanBfloat16
    }
    return choice == FOVEA_CONV_BLOCKED ? nil : choice
  }

  /// The measured choice where there is one, else the expected one. What is not eligible is never taken.
  func chosen(_ choices: TunedChoices) -> fovea_conv_algorithm {
    guard let choice = choices[ConvolutionLayer(params)], eligible.contains(choice) else { return expected }
    return choice
  }

  /// The layer with all algorithms that are expected to take less than half as long again as the best; nil when there is but one.
  var contested: ContestedLayer? { contested(eligible, expected, cycles) }

  /// As `contested`, between values in bfloat16.
  /// - Parameter direct: the sizes for the direct kernel.
  func contestedBesideBfloat16(_ direct: fovea_bf16_conv_params) -> ContestedLayer? {
    var contested = contested(
      eligibleBesideBfloat16, fasterThanBfloat16 ?? FOVEA_CONV_BLOCKED, cyclesBesideBfloat16)
    contested?.bfloat16 = direct
    contested?.bfloat16?.conv.batch = 1
    return contested
  }

  private func contested(
    _ all: [fovea_conv_algorithm], _ expected: fovea_conv_algorithm, _ cycles: (fovea_conv_algorithm) -> Double
  ) -> ContestedLayer? {
    guard all.count > 1, let shortest = all.map(cycles).min() else { return nil }
    let candidates = [expected] + all.filter { $0 != expected && cycles($0) <= Self.contest * shortest }
    guard candidates.count > 1 else { return nil }
    return ContestedLayer(
      layer: ConvolutionLayer(params), params: params, candidates: candidates, cycles: candidates.map(cycles))
  }

  private static let contest = 1.5

  /// True when the kernel takes a row-major input.
  static func readsPlanes(_ algorithm: fovea_conv_algorithm) -> Bool {
    algorithm == FOVEA_CONV_PLANAR || algorithm == FOVEA_CONV_WINOGRAD_PHASES
  }

  /// The step's algorithm in plans.
  static func name(_ params: fovea_conv_params, isa: ISA) -> String {
    let kernel = "\(params.kernel_height)x\(params.kernel_width)"
    switch params.algorithm {
    case FOVEA_CONV_DEPTHWISE: return "depthwise \(kernel), \(isa.rawValue)"
    case FOVEA_CONV_PLANAR: return "direct \(kernel) from planes, \(isa.rawValue)"
    case FOVEA_CONV_TRANSPOSE: return "transposed \(kernel), \(isa.rawValue)"
    case let other:
      guard let form = WinogradForm.of(other, params) else { return "direct \(kernel), \(isa.rawValue)" }
      let points = "F(\(form.m)x\(form.m),\(form.r)x\(form.r))"
      if form.phases > 1 { return "\(kernel) as phases, \(points), \(isa.rawValue)" }
      return "Winograd \(points)" + (form.stride > 1 ? " by \(form.stride)" : "") + ", \(isa.rawValue)"
    }
  }

  /// Winograd forms whose weights may be kept. The scalar reference has none; with fewer than four tiles the products are
  /// too narrow to pay.
  private func winograds(of forms: [WinogradForm]) -> [fovea_conv_algorithm] {
    guard isa != .scalar else { return [] }
    return forms.filter { form in
      var candidate = params
      candidate.algorithm = form.algorithm
      return fovea_conv_accepts(&candidate) == 1 && form.tiles(params) >= 4
        && (!lean || form.weightBytes(params) <= Self.leanByteLimit)
    }.map(\.algorithm)
  }

  /// With `lean`, Winograd is kept where its weights are smaller than this: that is where it gains most for its memory.
  private static let leanByteLimit = 1_048_576.0
}

/// F(m x m, r x r): m x m outputs from n x n products of as many inputs.
private struct WinogradForm {
  let algorithm: fovea_conv_algorithm
  let m: Int, r: Int
  var stride = 1
  /// Pictures that each input channel is split into.
  var phases = 1

  /// From blocked channels.
  static let blocked = [
    WinogradForm(algorithm: FOVEA_CONV_WINOGRAD_4_3, m: 4, r: 3),
    WinogradForm(algorithm: FOVEA_CONV_WINOGRAD_2_3, m: 2, r: 3),
    WinogradForm(algorithm: FOVEA_CONV_WINOGRAD_4_5, m: 4, r: 5),
    WinogradForm(algorithm: FOVEA_CONV_WINOGRAD_3_4, m: 3, r: 4),
    WinogradForm(algorithm: FOVEA_CONV_WINOGRAD_4_3_2, m: 4, r: 3, stride: 2),
    WinogradForm(algorithm: FOVEA_CONV_WINOGRAD_3_3_2, m: 3, r: 3, stride: 2),
  ]

  /// From planes, by the stride of the layer.
  static func phases(_ p: fovea_conv_params) -> WinogradForm {
    let (m, r) = p.stride_height == 2 ? (3, 4) : (4, 3)
    return WinogradForm(
      algorithm: FOVEA_CONV_WINOGRAD_PHASES, m: m, r: r, phases: Int(p.stride_height) * Int(p.stride_width))
  }

  static func of(_ algorithm: fovea_conv_algorithm, _ p: fovea_conv_params) -> WinogradForm? {
    (blocked + [phases(p)]).first { $0.algorithm == algorithm }
  }

  /// Points of a tile, n x n.
  var points: Double {
    let n = (m - 1) * stride + r
    return Double(n * n)
  }

  func tiles(_ p: fovea_conv_params) -> Double {
    let (rows, columns) = ((Int(p.out_height) + m - 1) / m, (Int(p.out_width) + m - 1) / m)
    return Double(rows) * Double(columns) * Double(p.batch)
  }

  /// Channels of what is transformed.
  func channels(_ p: fovea_conv_params) -> Double { Double(phases) * Double(p.in_channels) }

  func weightBytes(_ p: fovea_conv_params) -> Double { 4 * points * channels(p) * p.paddedOutChannels }
}

/// Expected cycles of one thread. The constants were measured on an Intel Sapphire Rapids; only their ratios matter.
extension ConvolutionAlgorithm {
  /// Multiply-adds count two.
  private var flopsPerCycle: Double { isa == .avx512 ? 64 : 32 }
  /// The share of it that the register tile reaches.
  private static let efficiency = 0.95
  /// Weights that do not stay in the second-level cache from run to run come from memory.
  private static let memoryBytesPerCycle = 7.0
  private static let cachedWeightBytes = 1_048_576.0
  /// Bringing 16 numbers from bfloat16 to float32 or back.
  private static let cyclesPerConversion = 8.0
  /// Transforming one point of 16 channels of a tile: the arithmetic of both passes, the store, and its share of cache misses.
  private var cyclesPerPoint: Double { 5 * 64 / flopsPerCycle }

  /// Between values in bfloat16: of the direct kernel, which has twice the multiply-adds per cycle, or of a form in float32 and
  /// what brings its input and output from bfloat16 and back.
  private func cyclesBesideBfloat16(_ algorithm: fovea_conv_algorithm) -> Double {
    guard algorithm != FOVEA_CONV_BLOCKED else { return cycles(algorithm) / 2 }
    let (read, written) = (params.in_height * params.in_width, params.out_height * params.out_width)
    let vectors = (params.in_channels + 15) / 16 * read + (params.out_channels + 15) / 16 * written
    return cycles(algorithm) + Self.cyclesPerConversion * Double(vectors)
  }

  private func cycles(_ algorithm: fovea_conv_algorithm) -> Double {
    var candidate = params
    candidate.algorithm = algorithm
    let products = Double(fovea_conv_products(isa.kernels, &candidate))
    var inChannels = Double(params.in_channels / params.groups)
    let (weightBytes, points): (Double, Double)
    if let form = WinogradForm.of(algorithm, params) {
      inChannels = form.channels(params)
      weightBytes = form.weightBytes(params)
      points = products * (inChannels + params.paddedOutChannels) / 16
    } else {
      let taps = Double(params.kernel_height) * Double(params.kernel_width)
      (weightBytes, points) = (4 * inChannels * params.paddedOutChannels * taps, 0)
    }
    let compute = 2 * products * inChannels * params.paddedOutChannels / (flopsPerCycle * Self.efficiency)
    let load = weightBytes > Self.cachedWeightBytes ? weightBytes / Self.memoryBytesPerCycle : 0
    return max(compute, load) + points * cyclesPerPoint
  }
}

extension fovea_conv_params {
  /// Output channels with those that fill the last vector.
  fileprivate var paddedOutChannels: Double { Double((out_channels + 15) / 16 * 16) }
}
