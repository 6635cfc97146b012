import CFFmpeg
import Frames
import Media

/// How long a stream lasts by what its container says of it.
enum MediaDuration {
  /// Seconds that are promised for this stream itself, not for the longest in the file; nil when it is not said. Matroska says it in the tag
  /// that mkvmerge and FFmpeg write, as in 00:01:02.500000000.
  static func own(of stream: UnsafePointer<AVStream>) -> Double? {
    // The tag first: FFmpeg gives the duration of the file to streams of Matroska that have none.
    if let seconds = tagged(stream) { return seconds }
    guard stream.pointee.duration != fovea_nopts, stream.pointee.duration > 0 else { return nil }
    return Double(stream.pointee.duration) * Rational(stream.pointee.time_base).value
  }

  private static func tagged(_ stream: UnsafePointer<AVStream>) -> Double? {
    guard let tag = av_dict_get(stream.pointee.metadata, "DURATION", nil, 0) else { return nil }
    let parts = String(cString: tag.pointee.value).split(separator: ":").map { Double($0) ?? .nan }
    guard parts.count == 3 else { return nil }
    let seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return seconds.isFinite && seconds > 0 ? seconds : nil
  }

  /// The same where it comes from a header, which an incomplete file has as well; nil where FFmpeg has looked at the end of the file.
  static func promised(
    _ stream: UnsafePointer<AVStream>, in context: UnsafePointer<AVFormatContext>
  ) -> Double? {
    if isPlaylist(context) {
      return context.pointee.duration > 0 ? Double(context.pointee.duration) / Double(AV_TIME_BASE) : nil
    }
    guard context.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM else { return nil }
    let rate = Rational(stream.pointee.avg_frame_rate).value
    // FFmpeg shortens the duration of an AVI to what the file has; the number of frames stays the header's.
    if let format = context.pointee.iformat, String(cString: format.pointee.name) == "avi", rate > 0,
      stream.pointee.nb_frames > 0
    {
      return Double(stream.pointee.nb_frames) / rate
    }
    return own(of: stream)
  }

  /// Seconds by which what is promised may be wrong. Old playlists round each part to whole seconds.
  static func tolerance(_ context: UnsafePointer<AVFormatContext>, _ promised: Double) -> Double {
    isPlaylist(context) ? max(1.5, promised / 10) : 0.3
  }

  /// The container is a list of files (HLS).
  static func isPlaylist(_ context: UnsafePointer<AVFormatContext>) -> Bool {
    context.pointee.iformat.map { String(cString: $0.pointee.name) } == "hls"
  }
}
