import CFFmpeg

/// What companions become where a container cannot hold them as they are.
enum ConversionTable {
  /// Encoders of sound for a container, the best first.
  static func soundEncoders(_ muxer: String) -> [String] {
    switch muxer {
    case "webm": ["libopus", "libvorbis"]
    case "avi": ["libmp3lame", "ac3"]
    case "mp4", "mov", "matroska", "mpegts", "flv", "nut", "rtsp": ["aac"]
    default: []
    }
  }

  /// The encoder of text subtitles for a container; nil where it holds none.
  static func subtitleEncoder(_ muxer: String) -> String? {
    switch muxer {
    case "mp4", "mov": "mov_text"
    case "webm": "webvtt"
    case "matroska": "subrip"
    default: nil
    }
  }

  /// The container says where the first sample to be heard lies, so that an encoder's run-in may come before it.
  static func keepsRunIn(_ muxer: String) -> Bool { ["mp4", "mov", "webm", "matroska"].contains(muxer) }

  /// Subtitles that are text rather than pictures.
  static func isText(_ codec: AVCodecID) -> Bool {
    (avcodec_descriptor_get(codec)?.pointee.props ?? 0) & AV_CODEC_PROP_TEXT_SUB != 0
  }
}
