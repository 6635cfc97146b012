import CFFmpeg
import Frames
import Media
import Telemetry

/// Makes a regular mp4 or mov, its index in front, of one that was written in fragments.
///
/// Packets are copied as they lie in the file, edit lists aside; their times are those of the fragments plus, for each
/// stream, how far the first packet was moved there.
enum FragmentedFile {
  /// Fragments of a second. With the index delayed until the first of them, it can tell of late starts; sparse streams
  /// would delay it for long, so with them it comes first.
  static func fragmentOptions(_ accepted: [StreamDescription]) -> [(String, String)] {
    let isSparse = accepted.contains { $0.kind != AVMEDIA_TYPE_AUDIO && !$0.isCoverArt }
    return [
      ("movflags", isSparse ? "empty_moov+default_base_moof" : "delay_moov+default_base_moof"),
      ("frag_duration", "1000000"),
    ]
  }

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
    _ path: String, into muxer: Muxer, firstTimes: [Int64?], timeBases: [AVRational], start options: [(String, String)]
  ) throws {
    let what = "cannot complete \(path)"
    let readOptions = MuxerOptions([("ignore_editlist", "1"), ("advanced_editlist", "0")])
    var opened: UnsafeMutablePointer<AVFormatContext>?
    try ffmpeg(avformat_open_input(&opened, "file:" + path, av_find_input_format("mov"), &readOptions.pointer), what)
    defer { avformat_close_input(&opened) }
    let input = try ffmpeg(opened, what)
    // Packets in the file are in its own form of bit stream (lengths instead of start codes); their headers too.
    for index in firstTimes.indices where index < Int(input.pointee.nb_streams) {
      if let stream = input.pointee.streams[index] { try muxer.takeHeaders(stream.pointee.codecpar, stream: index) }
    }
    try muxer.start(options)
    try copyPackets(input, into: muxer, firstTimes: firstTimes, timeBases: timeBases, what)
  }

  private static func copyPackets(
    _ input: UnsafeMutablePointer<AVFormatContext>, into muxer: Muxer, firstTimes: [Int64?], timeBases: [AVRational],
    _ what: String
  ) throws {
    var packet: UnsafeMutablePointer<AVPacket>? = try ffmpeg(av_packet_alloc(), what)
    defer { av_packet_free(&packet) }
    let scratch = try ffmpeg(packet, what)
    var shifts = [Int64?](repeating: nil, count: firstTimes.count)
    while true {
      let code = av_read_frame(input, scratch)
      if code == fovea_averror_eof { return }
      try ffmpeg(code, what)
      defer { av_packet_unref(scratch) }
      let index = Int(scratch.pointee.stream_index)
      guard index < firstTimes.count, let stream = input.pointee.streams[index] else { continue }
      av_packet_rescale_ts(scratch, stream.pointee.time_base, timeBases[index])
      if shifts[index] == nil, scratch.pointee.dts != fovea_nopts {
        shifts[index] = (firstTimes[index] ?? scratch.pointee.dts) - scratch.pointee.dts
      }
      let shift = shifts[index] ?? 0
      if scratch.pointee.pts != fovea_nopts { scratch.pointee.pts += shift }
      if scratch.pointee.dts != fovea_nopts { scratch.pointee.dts += shift }
      scratch.pointee.pos = -1
      try muxer.writeAsIs(scratch, timeBase: timeBases[index])
    }
  }
}
