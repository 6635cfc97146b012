/// Where in the input the output's elements lie. x: position in the output; in, out: extents; s: scale.
package enum CoordinateRule: String, Sendable, CaseIterable {
  /// (x + ½) / s - ½
  case halfPixel = "half_pixel"
  /// The same about the centre of the input, when s · in is not whole.
  case halfPixelSymmetric = "half_pixel_symmetric"
  /// The same, but 0 for an output of one element.
  case pytorchHalfPixel = "pytorch_half_pixel"
  /// x · (in - 1) / (out - 1): the first and last elements stay.
  case alignCorners = "align_corners"
  /// x / s
  case asymmetric
  /// (x + ½) / s
  case tfHalfPixelForNearest = "tf_half_pixel_for_nn"

  /// The position in the input, unclamped, in float32 as onnxruntime computes it, so that ties fall the same way.
  func position(_ x: Int, in extent: Int, out: Int, scale: Float) -> Float {
    let (x, size, scaled) = (Float(x), Float(extent), Float(out))
    switch self {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .halfPixelSymmetric:
      let adjustment = scaled / (scale * size)
      return size / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return out > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .alignCorners: return out > 1 ? x * (size - 1) / (scaled - 1) : 0
    case .asymmetric: return x / scale
    case .tfHalfPixelForNearest: return (x + 0.5) / scale
    }
  }
}

/// Which neighbour is the nearest.
package enum NearestRule: String, Sendable, CaseIterable {
  /// The nearest; of two equally near, the lower.
  case roundPreferFloor = "round_prefer_floor"
  /// The nearest; of two equally near, the upper.
  case roundPreferCeil = "round_prefer_ceil"
  case floor
  case ceil
  /// Before opset 11: the upper when shrinking, else the lower.
  case simple

  /// The whole position for `x`, unclamped.
  func index(_ x: Float, scale: Float) -> Float {
    switch self {
    case .roundPreferFloor: (x - 0.5).rounded(.up)
    case .roundPreferCeil: (x + 0.5).rounded(.down)
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .simple: scale < 1 ? x.rounded(.up) : x.rounded(.towardZero)
    }
  }
}
