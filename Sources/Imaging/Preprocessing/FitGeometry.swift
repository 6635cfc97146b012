import Frames
import Tensors

/// How a picture meets a network's input: the size it is scaled to, and which part of that goes where.
///
/// Sizes are computed from the picture as displayed, with square pixels (its sample aspect ratio applied to the longer
/// dimension, so that nothing is thrown away), but samples are resampled once, straight from storage to the input.
struct FitGeometry: Equatable {
  var scaledWidth: Int, scaledHeight: Int
  /// Where the scaled picture's upper left corner lies in the input; negative when cut.
  var offsetX: Int
  var offsetY: Int

  init(_ format: FrameFormat, _ transform: InputTransform) {
    let (width, height) = Self.displaySize(format)
    switch transform.fit {
    case .squash:
      (scaledWidth, scaledHeight) = (transform.width, transform.height)
    case .crop:
      (scaledWidth, scaledHeight) = Self.covering(width, height, transform)
    case .pad:
      (scaledWidth, scaledHeight) = Self.contained(width, height, transform)
    }
    offsetX = -Self.half(scaledWidth - transform.width)
    offsetY = -Self.half(scaledHeight - transform.height)
  }

  /// Where the network's input lies on a picture of this format.
  func placement(on format: FrameFormat, _ transform: InputTransform) -> InputPlacement {
    let x = Double(format.width) / Double(scaledWidth)
    let y = Double(format.height) / Double(scaledHeight)
    return InputPlacement(
      left: -Double(offsetX) * x, top: -Double(offsetY) * y, width: Double(transform.width) * x,
      height: Double(transform.height) * y)
  }

  /// The picture's size on a screen with square pixels.
  static func displaySize(_ format: FrameFormat) -> (width: Int, height: Int) {
    let aspect = format.pixelAspect
    if aspect > 1 { return (max(1, Int((Double(format.width) * aspect).rounded())), format.height) }
    return (format.width, max(1, Int((Double(format.height) / aspect).rounded())))
  }

  /// torchvision's `Resize(int)`: the shorter side to `resizeTo`, the longer one truncated; without a margin the
  /// smallest size that covers the input.
  private static func covering(_ width: Int, _ height: Int, _ transform: InputTransform) -> (Int, Int) {
    if let short = transform.resizeTo {
      return width <= height ? (short, short * height / width) : (short * width / height, short)
    }
    if transform.width * height >= transform.height * width {
      return (transform.width, max(transform.height, transform.width * height / width))
    }
    return (max(transform.width, transform.height * width / height), transform.height)
  }

  /// Pillow's `ImageOps.contain`: the largest size that fits.
  private static func contained(_ width: Int, _ height: Int, _ transform: InputTransform) -> (Int, Int) {
    if width * transform.height > transform.width * height {
      let rows = Double(height) / Double(width) * Double(transform.width)
      return (transform.width, max(1, Int(rows.rounded(.toNearestOrEven))))
    }
    let columns = Double(width) / Double(height) * Double(transform.height)
    return (max(1, Int(columns.rounded(.toNearestOrEven))), transform.height)
  }

  /// Python's `int(round(n / 2.0))`, as torchvision's `center_crop` has it.
  private static func half(_ n: Int) -> Int { Int((Double(n) / 2).rounded(.toNearestOrEven)) }
}
