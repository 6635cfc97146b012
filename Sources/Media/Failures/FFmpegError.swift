import CFFmpeg
import Foundation
import Telemetry

/// The one way through which return codes of the FFmpeg libraries become errors: a negative `code` throws a sentence
/// that starts with `what` ("cannot open clip.mp4"), gives the reason, and says what to do. Other codes are returned.
@discardableResult
package func ffmpeg(_ code: Int32, _ what: @autoclosure () -> String) throws -> Int32 {
  guard code < 0 else { return code }
  throw UserError("\(what()): \(ffmpegReason(code))")
}

/// The pointer, or an error that starts with `what`: FFmpeg's allocators return null when memory is short.
package func ffmpeg<T>(_ pointer: T?, _ what: @autoclosure () -> String) throws -> T {
  guard let pointer else { throw UserError("\(what()): out of memory; close other programs or use a smaller picture") }
  return pointer
}

/// Why FFmpeg gave this negative code, and what to do about it, without a full stop at the end.
package func ffmpegReason(_ code: Int32) -> String {
  if let known = reasons[code] { return known }
  if let known = reasons[-code] { return known }
  var text = [CChar](repeating: 0, count: 256)
  av_strerror(code, &text, text.count)
  let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  let message = String(decoding: bytes, as: UTF8.self)
  return message.prefix(1).lowercased() + message.dropFirst()
}

/// By FFmpeg's own codes, and by errno for system errors (FFmpeg gives their negatives).
private let reasons: [Int32: String] = [
  fovea_averror_invaliddata: "the data is damaged or not in the format that it claims; check the file",
  fovea_averror_eof: "the data ends too early; check that the file is complete",
  fovea_averror_exit: "interrupted",
  fovea_averror_protocol_not_found:
    "this build of FFmpeg does not know the protocol; `ffmpeg -protocols` lists those it does",
  fovea_averror_demuxer_not_found: "there is no such input format; `ffmpeg -demuxers` lists those there are",
  fovea_averror_muxer_not_found: "there is no such output format; `ffmpeg -muxers` lists those there are",
  fovea_averror_decoder_not_found: "there is no decoder for it; `ffmpeg -decoders` lists those there are",
  fovea_averror_encoder_not_found: "there is no such encoder; `ffmpeg -encoders` lists those there are",
  fovea_averror_option_not_found: "there is no such option",
  fovea_averror_stream_not_found: "there is no such stream",
  fovea_averror_http_unauthorized:
    "the server asks for a name and password; put them into the address (http://NAME:PASSWORD@host/)",
  fovea_averror_http_forbidden: "the server refuses access; check the address and your rights there",
  fovea_averror_http_not_found: "the server has nothing at this address; check the address",
  fovea_averror_http_server_error: "the server failed; try again later",
  fovea_averror_experimental: "FFmpeg calls it experimental and does not offer it",
  fovea_averror_patchwelcome: "FFmpeg does not support this feature of the format; convert the file first",
  fovea_averror_external: "a library that FFmpeg uses failed; --verbose shows its messages",
  ENOENT: "there is no such file; check the path",
  EACCES: "permission denied; check the rights of the file and its folder",
  EPERM: "the system does not permit it; check the rights of the file and its folder",
  EISDIR: "it is a folder; name a file",
  ENOTDIR: "a part of the path is not a folder; check the path",
  ENOSPC: "the disk is full; free some space or write elsewhere",
  EDQUOT: "the disk quota is used up; free some space or write elsewhere",
  EFBIG:
    "the file would be larger than the file system or this shell's limit (ulimit -f) allows; write elsewhere or raise it",
  EROFS: "the file system is read-only; write elsewhere",
  EPIPE: "the reading end of the pipe is closed",
  EIO: "reading or writing failed; check the device or the connection",
  ENOMEM: "out of memory; close other programs or use a smaller picture",
  EINVAL: "FFmpeg does not take it as it is; --verbose shows what it says",
  ENOSYS: "FFmpeg does not support it",
  ETIMEDOUT: "no answer in time; check the address and the connection",
  ECONNREFUSED: "nothing listens at this address; check the address and that the server runs",
  ECONNRESET: "the other side closed the connection",
  EHOSTUNREACH: "the host cannot be reached; check the address and the connection",
  ENETUNREACH: "the network cannot be reached; check the connection",
  EADDRINUSE: "the port is in use by another program; choose another",
]
