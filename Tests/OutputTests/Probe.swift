import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture
@testable import Output

/// What ffprobe and ffmpeg say of a file: independent witnesses.
enum Probe {
  /// `ffmpeg` with these arguments; the last is the output.
  static func ffmpeg(_ arguments: String, _ path: String) throws {
    try text(
      of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments.split(separator: " ").map(String.init) + [path])
  }

  /// Entries of the first line of `-show_entries`.
  static func stream(_ path: String, _ entries: String, _ stream: String = "v:0") throws -> String {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "stream=\(entries)", "-of", "csv=p=0", path,
    ]).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Presentation times of the packets in seconds, in order.
  static func times(_ path: String) throws -> [Double] {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path,
    ])
    .split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }.sorted()
  }

  /// Check sums of the packets of a kind of stream.
  static func packets(_ path: String, _ stream: String) throws -> [String] {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", stream, "-show_packets", "-show_data_hash", "md5", "-show_entries",
      "packet=data_hash", "-of", "csv=p=0", path,
    ]).split(whereSeparator: { $0 == "\n" || $0 == "," }).filter { $0.hasPrefix("MD5:") }.map(String.init)
  }

  /// Check sum of each decoded frame.
  static func frames(_ path: String, _ options: String = "") throws -> [String] {
    try text(
      of: ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:v:0"]
        + options.split(separator: " ").map(String.init) + ["-fps_mode", "passthrough", "-f", "framemd5", "-"]
    ).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
      $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}

/// Frames from a source into a sink, as the pipeline does it.
func transcode(_ source: any FrameSource, to sink: any FrameSink) throws {
  try sink.open(source.format, companions: source.info.companions)
  source.onCompanion = { try sink.write($0) }
  let frame = Frame(source.format)
  while try source.read(into: frame) { try sink.write(frame) }
  try sink.finish()
}

func transcode(_ input: String, to output: String, _ options: SinkOptions = SinkOptions()) throws {
  try transcode(openSource(SourceAddress(input)), to: openSink(Destination(output), options: options))
}

/// Frames of our own with a moving edge, stamped `times`.
func made(_ format: FrameFormat, _ index: Int, pts: Int64?, duration: Int64 = 0) -> Frame {
  let frame = Frame.allocated(format)
  for (c, component) in format.pixelFormat.components.enumerated() {
    for y in 0..<format.pixelFormat.height(ofComponent: c, in: format.height) {
      for x in 0..<format.pixelFormat.width(ofComponent: c, in: format.width) {
        let plane = frame.planes[component.plane]
        let sample = plane.base! + y * plane.stride + component.offset + x * component.step
        let value = (x * 3 + y * 5 + index * 7 + c * 50) % 200 + 16
        if component.depth > 8 {
          sample.storeBytes(of: UInt16(value << (component.depth - 8)), as: UInt16.self)
        } else {
          sample.storeBytes(of: UInt8(value), as: UInt8.self)
        }
      }
    }
  }
  (frame.pts, frame.duration, frame.sequence) = (pts, duration, UInt64(index))
  return frame
}
