import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

/// An open container: packets out of a file, a pipe or the network.
final class Demuxer {
  /// What `read` found.
  enum Outcome { case packet, damaged, end, interrupted }

  /// Pictures larger than this are refused: 256 Mpixel.
  static let pixelLimit = 1 << 28
  /// Pictures with a side longer than this are refused.
  static let sideLimit = 16384

  let context: UnsafeMutablePointer<AVFormatContext>
  /// The source as the user named it, without passwords.
  let name: String
  private let interruption: Interruption
  private let timeout: Double?
  private let pipe: PipeReader?
  // Errors in a row without a packet. There is a limit: some damaged files give errors for ever.
  private var errorsInARow = 0

  init(_ address: SourceAddress, name: String, options: SourceOptions) throws {
    self.name = name
    interruption = options.interruption
    if case .network = address { timeout = options.timeout } else { timeout = nil }
    let input = try DemuxerInput(address, name: name, options: options)
    let what = "cannot open \(name)"
    pipe = try input.pipe.map { try PipeReader($0.path, what: what, interruption: options.interruption) }
    context = try Self.open(input, what, options.interruption, timeout, pipe)
  }

  /// The container is a picture file, or a sequence of them.
  var readsPictureFiles: Bool {
    let container = context.pointee.iformat.map { String(cString: $0.pointee.name) } ?? ""
    return container == "image2" || container.hasSuffix("_pipe")
  }

  /// What a still picture in a HEIF file says of its orientation; nil for other sources.
  var stillOrientation: Orientation? {
    guard let url = context.pointee.url, strncmp(url, "file:", 5) == 0, context.pointee.nb_streams == 1,
      context.pointee.iformat.map({ String(cString: $0.pointee.name) })?.contains("mp4") == true
    else { return nil }
    return HEIFOrientation.of(path: url + 5)
  }

  deinit {
    var open: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&open)
  }

  private static func open(
    _ input: DemuxerInput, _ what: String, _ interruption: Interruption, _ timeout: Double?, _ pipe: PipeReader?
  ) throws -> UnsafeMutablePointer<AVFormatContext> {
    let options = try FFmpegOptions(input.options.map { ($0, $1) })
    let allocated: UnsafeMutablePointer<AVFormatContext> = try ffmpeg(avformat_alloc_context(), what)
    var context: UnsafeMutablePointer<AVFormatContext>? = allocated
    // Safety: the interruption outlives the context: the demuxer holds both.
    allocated.pointee.interrupt_callback = AVIOInterruptCB(
      callback: { opaque in
        guard let opaque else { return 0 }
        let interruption = Unmanaged<Interruption>.fromOpaque(opaque).takeUnretainedValue()
        return interruption.isRequested || interruption.isLate ? 1 : 0
      }, opaque: Unmanaged.passUnretained(interruption).toOpaque())
    do { allocated.pointee.pb = try pipe?.makeContext() } catch {
      avformat_free_context(context)
      throw error
    }
    interruption.limit(timeout)
    defer { interruption.limit(nil) }
    let code = avformat_open_input(&context, input.url, input.format, &options.pointer)
    guard code >= 0, let opened = context else { throw input.failure(code, what, interruption) }
    do {
      try refuseDisguises(opened, input, what)
      interruption.limit(timeout.map { $0 * 2 })
      let found = findStreams(opened)
      guard found >= 0 else { throw input.failure(found, what, interruption) }
    } catch {
      avformat_close_input(&context)
      throw error
    }
    return opened
  }

  /// Throws for text files, which FFmpeg would draw as a video of a terminal.
  private static func refuseDisguises(
    _ context: UnsafeMutablePointer<AVFormatContext>, _ input: DemuxerInput, _ what: String
  ) throws {
    guard let format = context.pointee.iformat, input.format == nil else { return }
    if ["tty", "sbg", "concat", "ffmetadata"].contains(String(cString: format.pointee.name)) {
      throw UserError("\(what): it is a text file, not a video")
    }
  }

  /// Decodes the beginning of each stream to learn what the container does not say. Absurd sizes are refused first, before
  /// the decoder allocates memory for them.
  private static func findStreams(_ context: UnsafeMutablePointer<AVFormatContext>) -> Int32 {
    let count = Int(context.pointee.nb_streams)
    var perStream = [OpaquePointer?](repeating: nil, count: max(count, 1))
    for i in 0..<count { av_dict_set(&perStream[i], "max_pixels", "\(pixelLimit)", 0) }
    let code = perStream.withUnsafeMutableBufferPointer {
      avformat_find_stream_info(context, count > 0 ? $0.baseAddress : nil)
    }
    for i in 0..<count { av_dict_free(&perStream[i]) }
    return code
  }

  func read(into packet: UnsafeMutablePointer<AVPacket>) throws -> Outcome {
    if interruption.isRequested { return .interrupted }
    if let timeout { interruption.limit(timeout) }
    let code = av_read_frame(context, packet)
    if code >= 0 {
      errorsInARow = 0
      return .packet
    }
    if interruption.isRequested { return .interrupted }
    if code == fovea_averror_eof { return .end }
    // The limit may have passed while the streams were looked at; FFmpeg then repeats that error.
    if interruption.isLate || code == fovea_averror_exit { throw silence() }
    errorsInARow += 1
    if timeout != nil, code != fovea_averror_invaliddata, code != fovea_averror_eagain {
      throw UserError("lost \(name): \(ffmpegReason(code))")
    }
    return errorsInARow > 64 ? .end : .damaged
  }

  private func silence() -> UserError {
    UserError("lost \(name): no data for \(timeout ?? 0) s; check that the sender runs and the connection works")
  }

  var streams: [UnsafeMutablePointer<AVStream>] {
    (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
  }
}
