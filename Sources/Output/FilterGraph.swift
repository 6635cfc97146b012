import CFFmpeg
import Media
import Telemetry

/// Filters of libavfilter with one input and one output. One thread at a time.
final class FilterGraph {
  private var graph: UnsafeMutablePointer<AVFilterGraph>?
  private let source: UnsafeMutablePointer<AVFilterContext>, sink: UnsafeMutablePointer<AVFilterContext>
  private let box: AVFrameBox

  /// - Parameters:
  ///   - description: as libavfilter reads it, with a buffer source and a buffer sink.
  ///   - source: the name that libavfilter gives the buffer source.
  ///   - sink: the name that it gives the buffer sink.
  ///   - what: the beginning of errors' sentences.
  init(_ description: String, source: String, sink: String, _ what: String) throws {
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
      self.source = try ffmpeg(avfilter_graph_get_filter(graph, source), what)
      self.sink = try ffmpeg(avfilter_graph_get_filter(graph, sink), what)
      self.graph = graph
    } catch {
      avfilter_graph_free(&made)
      throw error
    }
  }

  deinit { avfilter_graph_free(&graph) }

  /// The unit of the times that come out.
  var timeBase: AVRational { av_buffersink_get_time_base(sink) }

  /// Takes a frame, or nil for the end, and hands on those that are ready.
  func filter(
    _ frame: UnsafeMutablePointer<AVFrame>?, _ what: String,
    _ receive: (UnsafeMutablePointer<AVFrame>) throws -> Void
  ) throws {
    try ffmpeg(av_buffersrc_add_frame_flags(source, frame, Int32(AV_BUFFERSRC_FLAG_KEEP_REF)), what)
    while true {
      let code = av_buffersink_get_frame(sink, box.pointer)
      if code == fovea_averror_eagain || code == fovea_averror_eof { return }
      try ffmpeg(code, what)
      defer { av_frame_unref(box.pointer) }
      try receive(box.pointer)
    }
  }
}
