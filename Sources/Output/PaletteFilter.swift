import CFFmpeg
import Frames
import Media
import Telemetry

/// Gives each picture a palette of its own best 256 colours (libavfilter's palettegen and paletteuse), one picture at a
/// time so that memory stays bounded.
final class PaletteFilter {
  private let graph: FilterGraph

  init(_ format: FrameFormat, timeBase: Rational) throws {
    let what = "cannot make palettes for a GIF"
    let aspect = format.sampleAspectRatio.value > 0 ? format.sampleAspectRatio : Rational(1, 1)
    let description =
      "buffer=video_size=\(format.width)x\(format.height):pix_fmt=\(format.pixelFormat.name):time_base=\(timeBase)"
      + ":pixel_aspect=\(aspect),split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=0[p];"
      + "[b][p]paletteuse=new=1:dither=bayer:bayer_scale=3,buffersink"
    graph = try FilterGraph(description, source: "Parsed_buffer_0", sink: "Parsed_buffersink_4", what)
  }

  /// Takes a picture, or nil for the end, and hands on those with a palette.
  func filter(
    _ frame: UnsafeMutablePointer<AVFrame>?, _ receive: (UnsafeMutablePointer<AVFrame>) throws -> Void
  ) throws {
    try graph.filter(frame, "cannot make a palette for a GIF") { picture in
      picture.pointee.pict_type = AV_PICTURE_TYPE_NONE
      try receive(picture)
    }
  }
}
