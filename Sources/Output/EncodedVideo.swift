import CFFmpeg
import Frames
import Media
import Telemetry

/// Frames in, packets out: pixel conversion, palettes where needed, the encoder, and the time stamps.
final class EncodedVideo {
  let encoder: VideoEncoder
  var packetTimeBase: Rational { clock.packetTimeBase }
  private let converter: FrameConverter
  private let palette: PaletteFilter?
  private let view: AVFrameView
  private var clock: FrameClock
  private let name: String
  private let repeater: FrameRepeater?
  private var captions: CaptionCheck

  /// Opens the encoder for frames of this format; warns once when the size has to change.
  init(
    _ format: FrameFormat, _ output: OutputFormat, codec: UnsafePointer<AVCodec>, _ options: SinkOptions, isLive: Bool,
    name: String, beginning: Beginning = .at(0), sideData: [StreamSideData] = []
  ) throws {
    self.name = name
    let defaults = EncoderDefaults.of(codec)
    let pixelFormat = try EncoderChoice.pixelFormat(
      for: format.pixelFormat, codec, in: output.muxer, requested: options.pixelFormat)
    converter = try FrameConverter(format, to: pixelFormat, defaults)
    let hasPalette = output.muxer == "gif"
    clock = FrameClock(format, countsFrames: defaults.countsFrames, for: output, beginning: beginning)
    repeater = output.repeatsFrames && FrameRepeater.canCount(format) ? try FrameRepeater(name: name) : nil
    view = try AVFrameView()
    let result = converter.result
    if (result.width, result.height) != (format.width, format.height) {
      Log.warning(
        "\(name) becomes \(result.width)x\(result.height): its codec needs even sides, "
          + "so the last column or row of the \(format.width)x\(format.height) picture is repeated")
    }
    if format.pixelFormat.hasAlpha, PixelFormat(ffmpeg: pixelFormat.littleEndian)?.hasAlpha != true {
      Log.warning(
        "\(name) goes without the transparency of the pictures: \(String(cString: codec.pointee.name)) has none; for "
          + "transparency use .webm, .png, or .mov with --codec prores_ks")
    }
    captions = CaptionCheck(codec, name: name)
    palette = hasPalette ? try PaletteFilter(result, timeBase: clock.encoderTimeBase) : nil
    encoder = try VideoEncoder(
      result,
      VideoEncoder.Settings(
        codec: codec, pixelFormat: hasPalette ? AV_PIX_FMT_PAL8 : pixelFormat, user: options,
        timeBase: clock.encoderTimeBase, frameRate: FrameClock.rate(format),
        hasGlobalHeader: Muxer.wantsGlobalHeader(output.muxer), isLive: isLive, sideData: sideData))
  }

  /// Encodes a frame and hands on the packets that are ready.
  func encode(_ frame: Frame, _ receive: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    guard let time = clock.enter(frame) else { return }
    let picture = try converter.convert(view.show(frame))
    picture.pointee.pts = time
    captions.look(at: picture)
    defer { view.clear() }
    guard let palette else { return try send(picture, receive) }
    try palette.filter(picture) { try send($0, receive) }
  }

  /// Hands on what the encoder still holds.
  func drain(_ receive: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    try palette?.filter(nil) { try send($0, receive) }
    try send(nil, receive)
    try repeater?.finish(receive)
    warn()
  }

  private func warn() {
    if clock.secondsCut > 0 {
      Log.warning("\(name): its gaps are \(clock.secondsCut.rounded()) s shorter, for its format has no longer ones")
    }
    if clock.leftOut > 0 {
      Log.warning(
        "\(name) goes without \(clock.leftOut) frames: its format has room for one in each hundredth of a second; "
          + "name another one, such as .mp4, to keep all")
    }
  }

  private func send(
    _ picture: UnsafeMutablePointer<AVFrame>?, _ receive: (UnsafeMutablePointer<AVPacket>) throws -> Void
  ) throws {
    try encoder.encode(picture) { packet in
      clock.leave(packet)
      if let repeater { try repeater.pass(packet, receive) } else { try receive(packet) }
    }
  }
}
