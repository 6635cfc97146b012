import Frames

/// A frame as R'G'B' bytes of a viewer's size, with a heat map blended into it. Keeps its tables; one thread at a time.
package final class ViewPicture {
  /// Columns of the picture.
  package var width: Int { scaled.width }
  /// Rows.
  package var height: Int { scaled.height }
  /// Three bytes per pixel, row after row: the latest picture.
  package private(set) var pixels: [UInt8]
  private let composer: Composer
  private let canvas: Frame
  private let scaled: ScaledPicture
  private let content = OverlayContent()

  /// For frames of this format, at most `width` wide and never enlarged.
  package init(_ format: FrameFormat, width wanted: Int, heat: HeatStyle) throws {
    let display = FitGeometry.displaySize(format)
    let width = max(16, min(wanted, display.width))
    let height = max(16, Int((Double(display.height) * Double(width) / Double(display.width)).rounded()))
    var style = OverlayStyle()
    style.heat = heat
    composer = try Composer(input: format, layout: .overlay, style: style)
    canvas = Frame.allocated(composer.outputFormat)
    scaled = try ScaledPicture(format, width, height)
    pixels = Array(repeating: 0, count: 3 * width * height)
  }

  /// Makes the bytes of a frame; with the heat map, where there is one.
  package func draw(_ frame: Frame, heat: HeatMap?) {
    if let heat {
      content.heat = heat
      composer.compose(source: frame, into: canvas, content: content)
      content.heat = nil
    }
    scaled.fill(heat == nil ? frame : canvas)
    guard let base = scaled.planes.view.floats.baseAddress else { return }
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
