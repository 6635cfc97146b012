import CFFmpeg
import Frames
import Media
import Telemetry

/// Turns and mirrors pictures of one size and format with libavfilter.
final class UprightFilter {
  /// What the graph was made for.
  struct Key: Hashable {
    var orientation: Orientation
    var width: Int32, height: Int32, format: Int32
  }

  let key: Key
  private let graph: UnsafeMutablePointer<AVFilterGraph>
  private let input: UnsafeMutablePointer<AVFilterContext>, output: UnsafeMutablePointer<AVFilterContext>
  private let name: String

  init(_ key: Key, name: String) throws {
    (self.key, self.name) = (key, name)
    let what = "cannot turn the pictures of \(name)"
    graph = try ffmpeg(avfilter_graph_alloc(), what)
    graph.pointee.nb_threads = 2
    do {
      (input, output) = try Self.build(graph, key, what)
    } catch {
      // `deinit` does not run: not every property has a value yet.
      var made: UnsafeMutablePointer<AVFilterGraph>? = graph
      avfilter_graph_free(&made)
      throw error
    }
  }

  private static func build(
    _ graph: UnsafeMutablePointer<AVFilterGraph>, _ key: Key, _ what: String
  ) throws -> (input: UnsafeMutablePointer<AVFilterContext>, output: UnsafeMutablePointer<AVFilterContext>) {
    let arguments = "video_size=\(key.width)x\(key.height):pix_fmt=\(key.format):time_base=1/1:pixel_aspect=1/1"
    let input = try add("buffer", arguments, to: graph, what)
    let output = try add("buffersink", nil, to: graph, what)
    var last = input
    for filter in filters(key).split(separator: ",") {
      let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
      let next = try add(parts[0], parts.count > 1 ? parts[1] : nil, to: graph, what)
      try ffmpeg(avfilter_link(last, 0, next, 0), what)
      last = next
    }
    try ffmpeg(avfilter_link(last, 0, output, 0), what)
    try ffmpeg(avfilter_graph_config(graph, nil), what)
    return (input, output)
  }

  deinit {
    var made: UnsafeMutablePointer<AVFilterGraph>? = graph
    avfilter_graph_free(&made)
  }

  /// The filters, after a conversion where a format has no counterpart with rows and columns exchanged.
  private static func filters(_ key: Key) -> String {
    let filters = key.orientation.filters ?? "null"
    guard key.orientation.transposes, let stored = PixelFormat(ffmpeg: AVPixelFormat(key.format)),
      stored.log2ChromaWidth != stored.log2ChromaHeight, let depth = stored.components.first?.depth
    else { return filters }
    // At full size no chroma sample is lost, and luma stays the same bit by bit.
    let square = PixelFormat.allNative.first {
      !$0.isRGB && $0.colorCount == 3 && $0.hasAlpha == stored.hasAlpha && $0.planeCount == $0.components.count
        && $0.log2ChromaWidth == 0 && $0.log2ChromaHeight == 0
        && $0.components.allSatisfy { $0.depth == depth && $0.shift == 0 }
    }
    return square.map { "format=\($0.name),\(filters)" } ?? filters
  }

  private static func add(
    _ filter: String, _ arguments: String?, to graph: UnsafeMutablePointer<AVFilterGraph>, _ what: String
  ) throws -> UnsafeMutablePointer<AVFilterContext> {
    guard let kind = avfilter_get_by_name(filter) else {
      throw UserError("\(what): this build of FFmpeg has no filter \"\(filter)\"; install Debian's libavfilter")
    }
    var context: UnsafeMutablePointer<AVFilterContext>?
    try ffmpeg(avfilter_graph_create_filter(&context, kind, nil, arguments, nil, graph), what)
    return try ffmpeg(context, what)
  }

  /// Replaces the picture in `frame` by the upright one; everything but size, format and samples stays.
  func apply(to frame: UnsafeMutablePointer<AVFrame>) throws {
    let what = "cannot turn a picture of \(name)"
    try ffmpeg(av_buffersrc_add_frame_flags(input, frame, 0), what)
    try ffmpeg(av_buffersink_get_frame(output, frame), what)
  }
}
