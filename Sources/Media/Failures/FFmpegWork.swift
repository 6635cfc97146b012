import CFFmpeg
import Foundation
import Telemetry

/// How the bytes that came through a pipe begin.
package enum PipeBeginning: Sendable {
  /// No byte came.
  case nothing
  /// With a box `ftyp`, as mp4 and mov do (ISO/IEC 14496-12, 4.3).
  case mp4
  case other

  package init(_ bytes: some Sequence<UInt8>) {
    let start = Array(bytes.prefix(8))
    self = start.isEmpty ? .nothing : start.dropFirst(4).elementsEqual("ftyp".utf8) ? .mp4 : .other
  }
}

/// What the FFmpeg libraries are asked to do: what one of their codes means depends on it.
package enum FFmpegWork: Equatable, Sendable {
  /// Opening an input at a network address.
  case connect
  /// Opening what comes through a pipe.
  case openPipe(PipeBeginning)
  /// Opening an output at a network address.
  case publish(container: String)
  /// Opening an encoder.
  case openEncoder(String, isHardware: Bool)
  /// Encoding a picture.
  case encode(String)
  /// Writing what stands before the first packet: here a container learns of all its streams.
  case writeHeader(container: String, codecs: [String])
  /// Writing a packet, of a stream of this codec.
  case writePacket(container: String, codec: String)
  /// Completing the container.
  case writeTrailer(container: String)

  /// An encoder of libavcodec.
  package static func openEncoder(_ codec: UnsafePointer<AVCodec>) -> FFmpegWork {
    let name = String(cString: codec.pointee.name)
    // Quick Sync's and OpenMAX's encoders do not say that they are of this kind.
    let isHardware =
      codec.pointee.capabilities & AV_CODEC_CAP_HARDWARE != 0 || name.hasSuffix("_qsv") || name.hasSuffix("_omx")
    return .openEncoder(name, isHardware: isHardware)
  }
}

/// Does the work. A negative code throws a sentence that starts with `what`, gives the reason and what FFmpeg logged of it, and
/// says what to do. Other codes are returned.
@discardableResult
package func ffmpeg(
  _ work: @autoclosure () -> FFmpegWork, _ what: @autoclosure () -> String, _ call: () -> Int32
) throws -> Int32 {
  let (code, message) = FFmpegLog.watch(call)
  guard code < 0 else { return code }
  throw UserError("\(what()): \(ffmpegReason(code, during: work(), message: message))")
}

/// Why the work gave this negative code, and what to do about it, without a full stop at the end.
/// - Parameter message: what FFmpeg logged.
package func ffmpegReason(_ code: Int32, during work: FFmpegWork, message: String = "") -> String {
  // Encoders return all kinds of codes then.
  let isMemory = AddressSpace.isScarce && code != -ENOSPC
  let reason = (isMemory ? nil : FailureTable.reason(code, during: work)) ?? ffmpegReason(isMemory ? -ENOMEM : code)
  return message.isEmpty ? reason : "\(reason) (FFmpeg: \(shown(message)))"
}

/// FFmpeg names addresses as it got them, with the passwords that they hold.
private func shown(_ message: String) -> String {
  String(message.replacing(/\/\/[^\/\s@]*@/, with: "//").prefix(300))
}
