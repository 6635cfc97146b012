import CFFmpeg
import Frames
import Media
import Telemetry

/// Gives each picture a palette of its own best 256 colours (libavfilter's palettegen and paletteuse), one picture at a
/// time so that memory stays bounded.
final class PaletteFilter {
  private var graph: UnsafeMutablePointer<AVFilterGraph>?
  private let source: UnsafeMutablePointer<AVFilterContext>, sink: UnsafeMutablePointer<AVFilterContext>
  private let box: AVFrameBox

  init(_ format: FrameFormat, timeBase: Rational) throws {
    let what = "cannot make palettes for a GIF"
    let aspect = format.sampleAspectRatio.value > 0 ? format.sampleAspectRatio : Rational(1, 1)
    let description =
      "buffer=video_size=\(format.width)x\(format.height):pix_fmt=\(format.pixelFormat.name):time_base=\(timeBase)"
      + ":pixel_aspect=\(aspect),split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=0[p];"
      + "[b][p]paletteuse=new=1:dither=bayer:bayer_scale=3,buffersink"
    box = try AVFrameBox()
    var made = avfilter_graph_alloc()
    do {
      let graph = try ffmpeg(made, what)
      graph.pointee.nb_threads = 1
      var (inputs, outputs): (UnsafeMutablePointer<AVFilterInOut>?, UnsafeMutablePointer<AVFilterInOut>?) = (nil, nil)
      defer {
        avfilter_inout_free(&inputs)
        avfilter_inout_free(&outputs)
      }
      try ffmpeg(avfilter_graph_parse2(graph, description, &inputs, &outputs), what)
      try ffmpeg(avfilter_graph_config(graph, nil), what)
      source = try ffmpeg(avfilter_graph_get_filter(graph, "Parsed_buffer_0"), what)
      sink = try ffmpeg(avfilter_graph_get_filter(graph, "Parsed_buffersink_4"), what)
      self.graph = graph
    } catch {
      avfilter_graph_free(&made)
      throw error
    }
  }

  deinit { avfilter_graph_free(&graph) }

  /// Takes a picture, or nil for the end, and hands on those with a palette.
  func filter(
    _ frame: UnsafeMutablePointer<AVFrame>?, _ receive: (UnsafeMutablePointer<AVFrame>) throws -> Void
  ) throws {
    let what = "cannot make a palette for a GIF"
    try ffmpeg(av_buffersrc_add_frame_flags(source, frame, Int32(AV_BUFFERSRC_FLAG_KEEP_REF)), what)
    while true {
      let code = av_buffersink_get_frame(sink, box.pointer)
      if code == fovea_averror_eagain || code == fovea_averror_eof { return }
      try ffmpeg(code, what)
      defer { av_frame_unref(box.pointer) }
      box.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
      try receive(box.pointer)
    }
  }
}
