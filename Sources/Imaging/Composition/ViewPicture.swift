import Frames
import Tensors

/// A frame as R'G'B' bytes of a viewer's size, with a heat map blended into it. Keeps its tables; one thread at a time.
package final class ViewPicture {
  /// Columns and rows of the bytes.
  package let width: Int, height: Int
  /// Three bytes per pixel, row after row: the latest picture.
  package private(set) var pixels: [UInt8]
  private let composer: Composer
  private let canvas: Frame
  private let scaler: Preprocessor
  private let planes: Tensor
  private let content = OverlayContent()

  /// For frames of this format, at most `width` wide and never enlarged.
  package init(_ format: FrameFormat, width wanted: Int, heat: HeatStyle) throws {
    let display = FitGeometry.displaySize(format)
    width = max(16, min(wanted, display.width))
    height = max(16, Int((Double(display.height) * Double(width) / Double(display.width)).rounded()))
    var style = OverlayStyle()
    style.heat = heat
    composer = try Composer(input: format, layout: .overlay, style: style)
    canvas = Frame.allocated(composer.outputFormat)
    let squash = InputTransform(
      height: height, width: width, fit: .squash, resizeTo: nil, color: .rgb, scale: 1, mean: [0, 0, 0], std: [1, 1, 1])
    scaler = try Preprocessor(format: format, transform: squash)
    planes = Tensor(.float32, [3, height, width])
    pixels = Array(repeating: 0, count: 3 * width * height)
  }

  /// Makes the bytes of a frame; with the heat map, where there is one.
  package func draw(_ frame: Frame, heat: HeatMap?) {
    guard let base = planes.view.floats.baseAddress else { return }
    if let heat {
      content.heat = heat
      composer.compose(source: frame, into: canvas, content: content)
      content.heat = nil
      scaler.fill(canvas, into: base)
    } else {
      scaler.fill(frame, into: base)
    }
    let area = width * height
    pixels.withUnsafeMutableBufferPointer { pixels in
      for i in 0..<area {
        pixels[3 * i] = UInt8(base[i])
        pixels[3 * i + 1] = UInt8(base[area + i])
        pixels[3 * i + 2] = UInt8(base[2 * area + i])
      }
    }
  }
}
