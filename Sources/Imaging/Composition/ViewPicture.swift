import CKernels
import Frames

/// A frame at a viewer's size as a JPEG encoder takes it. Keeps its tables; one thread at a time.
package final class ViewPicture {
  /// Full-range Y'CbCr of BT.601, 4:2:0 in three planes of bytes.
  package let format: FrameFormat
  /// Factors from the source's pixels to those of this picture.
  package let scale: (x: Double, y: Double)
  private let maker: any JPEGPlaneMaker
  /// True when the source's frames can be encoded as they are.
  private let isReady: Bool
  private let own: Frame

  /// For frames of this format, at most `width` wide and never enlarged.
  package convenience init(_ format: FrameFormat, width: Int) throws {
    try self.init(format, width: width, isa: fovea_isa_default())
  }

  init(_ source: FrameFormat, width wanted: Int, isa: fovea_isa) throws {
    let display = FitGeometry.displaySize(source)
    let width = max(16, min(wanted, display.width))
    let height = max(16, Int((Double(display.height) * Double(width) / Double(display.width)).rounded()))
    format = JPEGPlanes.format(width, height)
    scale = (Double(width) / Double(source.width), Double(height) / Double(source.height))
    maker =
      try JPEGPlanesOfYUV(source, width: width, height: height, isa: isa)
      ?? JPEGPlanesOfRGB(source, width: width, height: height)
    isReady = source.width == width && source.height == height && JPEGPlanes.areThere(source)
    own = Frame.allocated(format)
  }

  /// The frame at the viewer's size, to be drawn on; it stays as it is until the next call.
  package func writable(_ frame: Frame) -> Frame {
    maker.fill(own, from: frame)
    return own
  }

  /// The frame at the viewer's size, only to be read: the frame itself where it can be encoded as it is.
  package func readable(_ frame: Frame) -> Frame {
    let isTopDown = (0..<3).allSatisfy { frame.planes[$0].stride > 0 }
    return isReady && isTopDown ? frame : writable(frame)
  }
}
