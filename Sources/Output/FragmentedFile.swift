import CFFmpeg
import Frames
import Media
import Telemetry

/// Makes a regular mp4 or mov, its index in front, of one that was written in fragments.
///
/// Packets are copied as they lie in the file, without regard to edit lists. Their times are those of the fragments plus, for
/// each stream, how far the muxer had moved its first packet. Fragments do not say how long their last packet lasts.
enum FragmentedFile {
  /// Fragments of a second, the index with the first of them so that it can tell of late starts.
  static let fragmentOptions = [("movflags", "delay_moov+default_base_moof"), ("frag_duration", "1000000")]

  /// Streams that fragments can hold. Sparse ones (subtitles) would delay the index for long and get filled up with
  /// empty packets at every fragment, and cover art is no track: they wait in memory for the final file.
  static func fits(_ stream: StreamDescription) -> Bool { stream.kind == AVMEDIA_TYPE_AUDIO }

  /// Options of the final file: ticks in which the video's times are exact, also where the edit list gives the start.
  static func finalOptions(_ video: VideoTrack) -> [(String, String)] {
    [("movflags", "faststart"), ("movie_timescale", String(max(1000, min(video.timeBase.denominator, 10_000_000))))]
      + trackOptions(video)
  }

  /// The video's own ticks.
  static func trackOptions(_ video: VideoTrack) -> [(String, String)] {
    [("video_track_timescale", String(max(1, video.timeBase.denominator)))]
  }

  /// Copies every packet of the fragmented file into `muxer`, which is described but not started.
  static func copy(
    _ path: String, into muxer: Muxer, spans: [StreamSpan], timeBases: [AVRational], start options: [(String, String)],
    held: [MediaPacket]
  ) throws {
    let what = "cannot complete \(path)"
    let readOptions = try FFmpegOptions([("ignore_editlist", "1"), ("advanced_editlist", "0")])
    var opened: UnsafeMutablePointer<AVFormatContext>?
    let address = ("file:" + path).fileName
    try ffmpeg(avformat_open_input(&opened, address, av_find_input_format("mov"), &readOptions.pointer), what)
    defer { avformat_close_input(&opened) }
    let input = try ffmpeg(opened, what)
    // Packets in the file are in its own form of bit stream (lengths instead of start codes); their headers too.
    for index in spans.indices where index < Int(input.pointee.nb_streams) {
      if let stream = input.pointee.streams[index] { try muxer.takeHeaders(stream.pointee.codecpar, stream: index) }
    }
    try muxer.start(options)
    try copyPackets(input, into: muxer, spans: spans, timeBases: timeBases, held, what)
  }

  private static func copyPackets(
    _ input: UnsafeMutablePointer<AVFormatContext>, into muxer: Muxer, spans: [StreamSpan], timeBases: [AVRational],
    _ held: [MediaPacket], _ what: String
  ) throws {
    var packet: UnsafeMutablePointer<AVPacket>? = try ffmpeg(av_packet_alloc(), what)
    defer { av_packet_free(&packet) }
    let scratch = try ffmpeg(packet, what)
    var waiting = held[...]
    var shifts = [Int64?](repeating: nil, count: spans.count)
    while true {
      let code = av_read_frame(input, scratch)
      if code == fovea_averror_eof { break }
      try ffmpeg(code, what)
      defer { av_packet_unref(scratch) }
      let index = Int(scratch.pointee.stream_index)
      guard index < spans.count, let stream = input.pointee.streams[index] else { continue }
      av_packet_rescale_ts(scratch, stream.pointee.time_base, timeBases[index])
      if shifts[index] == nil, scratch.pointee.dts != fovea_nopts {
        shifts[index] = (spans[index].first ?? scratch.pointee.dts).subtractingClamped(scratch.pointee.dts)
      }
      let shift = shifts[index] ?? 0
      let (pts, dts) = (scratch.pointee.pts, scratch.pointee.dts)
      if pts != fovea_nopts { scratch.pointee.pts = pts.addingClamped(shift) }
      if dts != fovea_nopts { scratch.pointee.dts = dts.addingClamped(shift) }
      if scratch.pointee.pts == spans[index].lastShown { scratch.pointee.duration = spans[index].lastShownDuration }
      if scratch.pointee.dts == spans[index].last { scratch.pointee.duration = spans[index].lastDuration }
      scratch.pointee.pos = -1
      while let next = waiting.first, muxer.isDue(next, before: scratch, timeBases[index]) {
        try muxer.writeCompanion(next)
        waiting.removeFirst()
      }
      try muxer.writeAsIs(scratch, timeBase: timeBases[index])
    }
    for packet in waiting { try muxer.writeCompanion(packet) }
  }
}
