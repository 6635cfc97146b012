import CFFmpeg
import Foundation
import Telemetry

/// FFmpeg's own messages.
package enum FFmpegLog {
  /// Sends them to `Log` from now on, all at debug level: what matters comes as return codes and becomes a sentence of
  /// ours. Call once before the first use of FFmpeg, and again when `Log.level` changes.
  package static func route() {
    let limit = Log.level == .debug ? AV_LOG_VERBOSE : AV_LOG_QUIET
    // SVT-AV1 has a log of its own on stderr; 1: errors only.
    setenv("SVT_LOG", Log.level == .debug ? "3" : "1", 0)
    fovea_set_log_sink({ _, line in if let line { Log.debug("ffmpeg: \(String(fileName: line))") } }, limit)
  }

  /// Makes a call and gives the code that it returned, with the errors that FFmpeg logged in it when the code is negative: one line,
  /// empty for none.
  package static func watch(_ call: () -> Int32) -> (code: Int32, message: String) {
    let code = log(upTo: AV_LOG_ERROR, of: call)
    return (code, code < 0 ? line() : "")
  }

  /// The same with warnings too, whatever the code.
  package static func watchClosely(_ call: () -> Int32) -> (code: Int32, message: String) {
    let code = log(upTo: AV_LOG_WARNING, of: call)
    return (code, line())
  }

  private static func log(upTo level: Int32, of call: () -> Int32) -> Int32 {
    _ = routed
    fovea_log_watch(level)
    return call()
  }

  private static func line() -> String {
    guard let text = fovea_log_watched(), text.pointee != 0 else { return "" }
    let lines = String(fileName: text).split(whereSeparator: \.isNewline)
    return lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
  }

  private static let routed: Void = route()
}
