import CFFmpeg
import Glibc
import Media
import Telemetry

/// Standard input or a named pipe as FFmpeg's input. FFmpeg's own pipes wait for their writer in read(2), which
/// nothing can end; here a wait ends soon after an interruption.
final class PipeReader {
  /// Milliseconds between two looks at the interruption.
  private static let patience: Int32 = 50
  private static let bufferSize = 32768

  private let descriptor: Int32
  private let isOwned: Bool
  private let interruption: Interruption
  /// The first bytes that came.
  private(set) var beginning: [UInt8] = []
  private var io: UnsafeMutablePointer<AVIOContext>?

  /// - Parameters:
  ///   - path: a named pipe; nil for standard input.
  ///   - what: "cannot open NAME", for messages.
  init(_ path: String?, what: String, interruption: Interruption) throws {
    self.interruption = interruption
    isOwned = path != nil
    // Without O_NONBLOCK the call would wait for a writer.
    descriptor = path.map { open($0.fileName, O_RDONLY | O_NONBLOCK | O_CLOEXEC) } ?? STDIN_FILENO
    let mode = fcntl(descriptor, F_GETFL)
    if path == nil, mode < 0 || mode & O_ACCMODE == O_WRONLY {
      throw UserError("\(what): it is closed; send a video there, as in `cat clip.ts | fovea …`")
    }
    guard descriptor >= 0 else { throw UserError("\(what): \(ffmpegReason(-errno))") }
  }

  deinit {
    if let io { av_free(io.pointee.buffer) }
    avio_context_free(&io)
    if isOwned { close(descriptor) }
  }

  /// FFmpeg's view; valid as long as the reader lives.
  func makeContext() throws -> UnsafeMutablePointer<AVIOContext> {
    let buffer = try ffmpeg(
      av_malloc(Self.bufferSize + Int(AV_INPUT_BUFFER_PADDING_SIZE)), "cannot read a pipe"
    ).assumingMemoryBound(to: UInt8.self)
    // Safety: the demuxer holds the reader until the context is closed.
    io = avio_alloc_context(
      buffer, Int32(Self.bufferSize), 0, Unmanaged.passUnretained(self).toOpaque(),
      { opaque, bytes, count in
        guard let opaque, let bytes else { return fovea_averror_eof }
        return Unmanaged<PipeReader>.fromOpaque(opaque).takeUnretainedValue().read(bytes, count)
      }, nil, nil)
    guard let io else {
      av_free(buffer)
      throw UserError("cannot read a pipe: not enough memory")
    }
    return io
  }

  private func read(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
    while true {
      if interruption.isRequested || interruption.isLate { return fovea_averror_exit }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wanted, 1, Self.patience)
      if ready == 0 || ready < 0 && errno == EINTR { continue }
      let n = Glibc.read(descriptor, bytes, Int(count))
      if n > 0 {
        if beginning.count < 8 { beginning += UnsafeBufferPointer(start: bytes, count: min(n, 8)) }
        return Int32(n)
      }
      if n == 0 { return fovea_averror_eof }
      if errno != EINTR && errno != EAGAIN { return -errno }
    }
  }
}
