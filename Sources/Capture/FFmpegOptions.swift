import CFFmpeg
import Media
import Telemetry

/// Options for FFmpeg's open calls, owned.
final class FFmpegOptions {
  var pointer: OpaquePointer?

  init(_ entries: [String: String] = [:]) throws {
    for (key, value) in entries.sorted(by: { $0.key < $1.key }) { try set(key, value) }
  }

  deinit { av_dict_free(&pointer) }

  func set(_ key: String, _ value: String) throws {
    try ffmpeg(av_dict_set(&pointer, key, value, 0), "cannot set the option \(key)")
  }
}
