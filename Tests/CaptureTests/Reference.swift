import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture

/// The `ffmpeg` and `ffprobe` commands, as independent witnesses.
enum Reference {
  /// Makes a clip: `ffmpeg` with these arguments, written over `path`.
  @discardableResult
  static func make(_ path: URL, _ arguments: String) throws -> URL {
    try output(
      of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments.split(separator: " ").map(String.init) + [path.path])
    return path
  }

  /// Presentation times of all frames by `ffprobe`, in the stream's time base; nil where there is none.
  static func times(_ path: String, stream: String = "v:0") throws -> [Int64?] {
    let text = try output(of: [
      "ffprobe", "-v", "quiet", "-select_streams", stream, "-show_entries", "frame=pts,best_effort_timestamp", "-of",
      "csv=p=0", path,
    ])
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: ",").lazy.compactMap { Int64($0) }.first
    }
  }

  /// Samples of all frames, upright, packed without padding, by `ffmpeg`.
  static func samples(
    _ path: String, _ format: FrameFormat, stream: String = "v:0", decoder: String? = nil, options: [String] = [],
    isJPEGPicture: Bool = false
  ) throws -> Data {
    // The plain names would make ffmpeg convert to limited range.
    let isJPEG = format.color.range == .full && ["yuv420p", "yuv422p", "yuv444p"].contains(format.pixelFormat.name)
    let name = (isJPEG ? "yuvj" : "yuv") + format.pixelFormat.name.dropFirst(3)
    return try output(
      of: ["ffmpeg", "-v", "quiet", "-nostdin"] + (decoder.map { ["-c:v", $0] } ?? [])
        + (isJPEGPicture ? ["-idct", "int"] : []) + [
          "-i", path, "-map", "0:\(stream)",
        ]
        + options + [
          "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt",
          format.pixelFormat.name.hasPrefix("yuv") ? name : format.pixelFormat.name, "-",
        ])
  }
}

/// A decoded stream as tests look at it.
struct Decoded {
  var format: FrameFormat
  var info: SourceInfo
  var times: [Int64?] = []
  var samples = Data()
  var damagedFrames = 0
  var counters = SourceCounters()
  var companionTimes: [Int: [Int64]] = [:]
  var companionBytes: [Int: Data] = [:]

  /// Bytes of a packed picture.
  var frameBytes: Int {
    (0..<format.pixelFormat.planeCount).reduce(0) {
      $0 + format.pixelFormat.rowBytes(ofPlane: $1, width: format.width)
        * format.pixelFormat.rows(ofPlane: $1, height: format.height)
    }
  }

  /// The samples of one frame.
  func picture(_ index: Int) -> Data {
    samples.subdata(in: index * frameBytes..<(index + 1) * frameBytes)
  }
}

extension Frame {
  /// The samples, without the padding between rows.
  func packed() -> Data {
    var data = Data()
    for plane in 0..<format.pixelFormat.planeCount {
      guard let base = planes[plane].base else { continue }
      let bytes = format.pixelFormat.rowBytes(ofPlane: plane, width: format.width)
      for row in 0..<format.pixelFormat.rows(ofPlane: plane, height: format.height) {
        data.append(Data(bytes: base + row * planes[plane].stride, count: bytes))
      }
    }
    return data
  }
}
