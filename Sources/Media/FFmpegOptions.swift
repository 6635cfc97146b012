import CFFmpeg
import Telemetry

/// Options for FFmpeg's open calls, owned. Those that a call understands are taken out of it.
package final class FFmpegOptions {
  /// Null when empty.
  package var pointer: OpaquePointer?

  package init(_ entries: some Sequence<(String, String)>) throws {
    for (key, value) in entries { try set(key, value) }
  }

  deinit { av_dict_free(&pointer) }

  /// Sets an option by FFmpeg's name; an earlier value is replaced.
  package func set(_ key: String, _ value: String) throws {
    try ffmpeg(av_dict_set(&pointer, key, value, 0), "cannot set the option \(key)")
  }
}
