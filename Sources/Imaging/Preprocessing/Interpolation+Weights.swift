import Foundation
import Tensors

extension Interpolation {
  /// How far the filter reaches to both sides, in input samples at scale 1.
  var reach: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The filter at this distance. Cubic: Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15 with
  /// a = -1/2; Lanczos: sinc(x) sinc(x/3).
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear: return max(0, 1 - x)
    case .bicubic:
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    case .lanczos: return x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}
