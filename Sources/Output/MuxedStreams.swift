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

  /// The packets of a source, as they are.
  init(copying stream: StreamDescription) throws {
    sideData = stream.sideData
    parameters = try ffmpeg(avcodec_parameters_alloc(), "cannot describe the video")
    (timeBase, sourceTimeBase, frameRate, fieldOrder) = (stream.timeBase, stream.timeBase, Rational(0, 1), .progressive)
    try ffmpeg(avcodec_parameters_copy(parameters, stream.parameters), "cannot describe the video")
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
