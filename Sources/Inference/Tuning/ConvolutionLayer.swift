import CKernels

/// The sizes of a convolution: what decides how long each algorithm takes. Layers of equal sizes share one choice.
struct ConvolutionLayer: Hashable, Sendable {
  /// Batch, channels, extents, kernel, strides, dilations, pads, groups.
  let sizes: [Int32]

  static let sizeCount = 16

  init(_ p: fovea_conv_params) {
    sizes = [
      p.batch, p.in_channels, p.in_height, p.in_width, p.out_channels, p.out_height, p.out_width, p.kernel_height,
      p.kernel_width, p.stride_height, p.stride_width, p.dilation_height, p.dilation_width, p.pad_top, p.pad_left,
      p.groups,
    ]
  }

  /// From what `text` wrote; nil for anything else.
  init?(text: some StringProtocol) {
    let numbers = text.split(separator: " ", omittingEmptySubsequences: false).map { Int32($0) }
    guard numbers.count == Self.sizeCount, !numbers.contains(nil) else { return nil }
    sizes = numbers.compactMap { $0 }
  }

  /// The sizes as decimal numbers between single spaces.
  var text: String { sizes.map(String.init).joined(separator: " ") }
}

/// A layer for which the model of costs cannot tell which algorithm is the fastest.
struct ContestedLayer {
  let layer: ConvolutionLayer
  /// The sizes in the kernels' form.
  let params: fovea_conv_params
  /// The algorithms that may be the fastest, the rule's first.
  let candidates: [fovea_conv_algorithm]
  /// Expected cycles of each candidate on one thread.
  let cycles: [Double]
  /// Between values in bfloat16: the sizes of the direct kernel, which multiplies these (AVX512_BF16; with AMX nothing is contested).
  var bfloat16: fovea_bf16_conv_params?
  /// How many convolutions of the network have these sizes.
  var uses = 1
}

/// Which algorithm each contested layer gets.
typealias TunedChoices = [ConvolutionLayer: fovea_conv_algorithm]

/// The algorithms' names in the cache.
enum AlgorithmName {
  private static let all: [(fovea_conv_algorithm, String)] = [
    (FOVEA_CONV_BLOCKED, "direct"), (FOVEA_CONV_WINOGRAD_4_3, "winograd-4x4-3x3"),
    (FOVEA_CONV_WINOGRAD_2_3, "winograd-2x2-3x3"), (FOVEA_CONV_WINOGRAD_4_5, "winograd-4x4-5x5"),
    (FOVEA_CONV_WINOGRAD_3_4, "winograd-3x3-4x4"), (FOVEA_CONV_WINOGRAD_4_3_2, "winograd-4x4-3x3-by-2"),
    (FOVEA_CONV_WINOGRAD_3_3_2, "winograd-3x3-3x3-by-2"), (FOVEA_CONV_PLANAR, "direct-planes"),
    (FOVEA_CONV_WINOGRAD_PHASES, "winograd-phases"),
  ]

  /// Nil for an algorithm that is never one of several.
  static func of(_ algorithm: fovea_conv_algorithm) -> String? { all.first { $0.0 == algorithm }?.1 }

  /// Nil for a word that names none.
  static func algorithm(_ name: some StringProtocol) -> fovea_conv_algorithm? { all.first { $0.1 == name }?.0 }
}
