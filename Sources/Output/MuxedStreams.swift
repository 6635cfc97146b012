import CFFmpeg
import Frames
import Media
import Telemetry

/// The video stream as a muxer needs to know it.
final class VideoTrack {
  let parameters: UnsafeMutablePointer<AVCodecParameters>
  let timeBase: Rational, frameRate: Rational
  /// That of the frames that came from the source.
  let sourceTimeBase: Rational
  let fieldOrder: FieldOrder
  let sideData: [StreamSideData]

  /// What an opened encoder produces.
  init(_ encoder: VideoEncoder, timeBase: Rational, format: FrameFormat, sideData: [StreamSideData]) throws {
    self.sideData = sideData
    parameters = try ffmpeg(avcodec_parameters_alloc(), "cannot describe the video")
    sourceTimeBase = format.timeBase
    (self.timeBase, frameRate, fieldOrder) = (timeBase, FrameClock.rate(format), format.fieldOrder)
    try ffmpeg(avcodec_parameters_from_context(parameters, encoder.context), "cannot describe the video")
  }

  deinit {
    var owned: UnsafeMutablePointer<AVCodecParameters>? = parameters
    avcodec_parameters_free(&owned)
  }
}

extension MediaCompanions {
  /// The video's or the container's metadata say its time code.
  var hasTimecode: Bool { video.metadata["timecode"] != nil || metadata["timecode"] != nil }
}

/// Which companions a container can hold.
enum CompanionChoice {
  /// The streams that the container can hold; a warning names each one that is left out.
  static func accepted(_ companions: MediaCompanions, by muxer: String, for name: String) -> [StreamDescription] {
    companions.streams.filter { stream in
      if isTimecode(stream) && ["mp4", "mov", "matroska"].contains(muxer) && companions.hasTimecode { return false }
      if canHold(stream, muxer) { return true }
      Log.warning("\(name) cannot hold \(describe(stream)) and goes without it")
      return false
    }
  }

  /// A track of QuickTime's time code: one number, which is among the metadata too. Muxers write it from there.
  private static func isTimecode(_ stream: StreamDescription) -> Bool {
    stream.parameters.pointee.codec_tag == 0x6463_6d74  // "tmcd"
  }

  /// As in "the subtitles (eng, codec subrip)".
  private static func describe(_ stream: StreamDescription) -> String {
    let what =
      switch stream.kind {
      case _ where stream.isCoverArt: "the cover art"
      case AVMEDIA_TYPE_AUDIO: "the sound"
      case AVMEDIA_TYPE_SUBTITLE: "the subtitles"
      case AVMEDIA_TYPE_ATTACHMENT: "the attachment \(stream.metadata["filename"] ?? "")"
      case AVMEDIA_TYPE_VIDEO: "the second video"
      default: "the data stream"
      }
    let language = stream.metadata["language"].map { "\($0), " } ?? ""
    return "\(what) (\(language)codec \(stream.codecName))"
  }

  private static func canHold(_ stream: StreamDescription, _ muxer: String) -> Bool {
    guard let format = av_guess_format(muxer, nil, nil) else { return false }
    let id = stream.parameters.pointee.codec_id
    if stream.kind == AVMEDIA_TYPE_ATTACHMENT { return muxer == "matroska" }
    guard id != AV_CODEC_ID_NONE, stream.kind != AVMEDIA_TYPE_UNKNOWN else { return false }
    if stream.kind == AVMEDIA_TYPE_VIDEO {
      // Pictures of no size: a cover that is none, a track without a single whole picture.
      guard stream.parameters.pointee.width > 0, stream.parameters.pointee.height > 0 else { return false }
    }
    // FFmpeg writes iTunes' metadata, which hold it, into mp4 alone.
    if stream.isCoverArt { return muxer == "mp4" }
    if ["rtsp", "yuv4mpegpipe", "rawvideo", "mjpeg", "gif", "image2pipe"].contains(muxer) {
      return muxer == "rtsp" && stream.kind == AVMEDIA_TYPE_AUDIO
    }
    return avformat_query_codec(format, id, FF_COMPLIANCE_UNOFFICIAL) != 0 && headerWorks(stream, format)
  }

  /// Tries the stream alone: what a muxer refuses shows when it writes the header.
  private static func headerWorks(_ stream: StreamDescription, _ format: UnsafePointer<AVOutputFormat>) -> Bool {
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_alloc_output_context2(&context, format, nil, nil) >= 0, let context else { return false }
    defer { avformat_free_context(context) }
    guard let track = avformat_new_stream(context, nil),
      avcodec_parameters_copy(track.pointee.codecpar, stream.parameters) >= 0,
      avio_open_dyn_buf(&context.pointee.pb) >= 0
    else { return false }
    defer {
      var bytes: UnsafeMutablePointer<UInt8>?
      avio_close_dyn_buf(context.pointee.pb, &bytes)
      av_free(bytes)
      context.pointee.pb = nil
    }
    track.pointee.codecpar.pointee.codec_tag = 0
    track.pointee.time_base = stream.timeBase.ffmpeg
    context.pointee.strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL
    return avformat_write_header(context, nil) >= 0
  }
}
