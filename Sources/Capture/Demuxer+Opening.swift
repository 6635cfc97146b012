import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

extension Demuxer {
  /// Opens the container and looks into its streams. FFmpeg's warnings of that come with it.
  static func open(
    _ input: DemuxerInput, _ what: String, _ interruption: Interruption, _ timeout: Double?, _ pipe: PipeReader?
  ) throws -> (context: UnsafeMutablePointer<AVFormatContext>, warnings: String) {
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
    input.pictures?.serve(allocated)
    do { allocated.pointee.pb = try pipe?.makeContext() } catch {
      avformat_free_context(context)
      throw error
    }
    interruption.limit(timeout)
    defer { interruption.limit(nil) }
    let (code, message) = FFmpegLog.watch {
      avformat_open_input(&context, input.url.fileName, input.format, &options.pointer)
    }
    guard code >= 0, let opened = context else {
      throw input.failure(code, what, interruption, input.work(pipe), message: message)
    }
    do {
      try refuseDisguises(opened, input, what)
      interruption.limit(timeout.map { $0 * 2 })
      let (found, message) = FFmpegLog.watchClosely { findStreams(opened) }
      guard found >= 0 else { throw input.failure(found, what, interruption, input.work(pipe), message: message) }
      return (opened, message)
    } catch {
      avformat_close_input(&context)
      throw error
    }
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
}
