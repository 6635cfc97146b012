import CFFmpeg
import Frames
import Media

/// Goes on in the format of the first pictures when later ones have another size, pixel format or time base, as after a change of
/// cameras: they are scaled, with black beside them where the shapes differ.
final class FirstFormatSink: FrameSink {
  private let sink: any FrameSink
  private var first: (format: FrameFormat, fitter: FormatFitter, fitted: Frame)?

  init(_ sink: any FrameSink) { self.sink = sink }

  func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {
    first = (format, FormatFitter(format), Frame(format))
    try sink.open(format, companions: companions)
  }

  var takenCompanions: Set<Int> { sink.takenCompanions }

  func write(_ frame: Frame) throws {
    guard let (format, fitter, fitted) = first, !isFirst(frame.format, format) else { return try sink.write(frame) }
    try fitter.fit(frame, into: fitted)
    let bases = (frame.format.timeBase.ffmpeg, format.timeBase.ffmpeg)
    fitted.pts = frame.pts.map { av_rescale_q($0, bases.0, bases.1) }
    fitted.duration = av_rescale_q(frame.duration, bases.0, bases.1)
    try sink.write(fitted)
  }

  func write(_ packet: any CompanionPacket) throws { try sink.write(packet) }
  func finish(_ ending: Ending) throws { try sink.finish(ending) }
  func salvage() -> String? { sink.salvage() }
  func abort() { sink.abort() }

  private func isFirst(_ format: FrameFormat, _ first: FrameFormat) -> Bool {
    format.pixelFormat == first.pixelFormat && format.width == first.width && format.height == first.height
      && format.color == first.color && format.timeBase == first.timeBase
  }
}
