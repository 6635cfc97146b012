import CKernels
import Frames

/// A frame at a viewer's size as a JPEG encoder takes it, with a heat map blended into it. Keeps its tables; one thread at a time.
package final class ViewPicture {
  /// Columns of the picture.
  package var width: Int { format.width }
  /// Rows.
  package var height: Int { format.height }
  /// Full-range Y'CbCr of BT.601, 4:2:0 in three planes of bytes.
  package let format: FrameFormat
  private let scale: (x: Double, y: Double)
  private let maker: any JPEGPlaneMaker
  /// A frame of the source's can be encoded as it is.
  private let isReady: Bool
  private let canvas: Canvas
  private let painter: HeatPainter
  private let own: Frame

  /// For frames of this format, at most `width` wide and never enlarged.
  package convenience init(_ format: FrameFormat, width: Int, heat: HeatStyle) throws {
    try self.init(format, width: width, heat: heat, isa: fovea_isa_default())
  }

  init(_ source: FrameFormat, width wanted: Int, heat: HeatStyle, isa: fovea_isa) throws {
    let display = FitGeometry.displaySize(source)
    let width = max(16, min(wanted, display.width))
    let height = max(16, Int((Double(display.height) * Double(width) / Double(display.width)).rounded()))
    format = JPEGPlanes.format(width, height)
    scale = (Double(width) / Double(source.width), Double(height) / Double(source.height))
    maker =
      try JPEGPlanesOfYUV(source, width: width, height: height, isa: isa)
      ?? JPEGPlanesOfRGB(source, width: width, height: height)
    isReady = source.width == width && source.height == height && JPEGPlanes.areThere(source)
    canvas = try Canvas(format, isa: isa)
    painter = HeatPainter(canvas: canvas, style: heat)
    own = Frame.allocated(format)
  }

  /// A frame at the viewer's size, with the heat map where there is one: the frame itself where nothing has to be done, else one
  /// that stays as it is until the next call.
  package func draw(_ frame: Frame, heat: HeatMap?) -> Frame {
    let isTopDown = (0..<3).allSatisfy { frame.planes[$0].stride > 0 }
    if isReady, heat == nil, isTopDown { return frame }
    maker.fill(own, from: frame)
    if var heat {
      heat.placement = heat.placement.scaled(scale.x, scale.y)
      canvas.begin(own)
      _ = painter.draw(heat, on: canvas.bounds)
    }
    return own
  }
}
