import CFFmpeg
import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture
@testable import Media
@testable import Output

/// Every video encoder of this FFmpeg in every container that says it can hold it: what is written can be read again.
@Suite(.serialized) struct EncoderContainerTests {
  static let containers = ["mp4", "mov", "mkv", "webm", "avi", "nut", "mpegts", "flv"]

  /// Those that need a device, and one that takes minutes.
  private static let left = ["_vaapi", "_nvenc", "_qsv", "_v4l2m2m", "_amf", "_omx", "_mf", "_vulkan", "librav1e"]

  static let encoders: [String] = {
    var (names, state): ([String], UnsafeMutableRawPointer?) = ([], nil)
    while let codec = av_codec_iterate(&state) {
      let name = String(cString: codec.pointee.name)
      guard av_codec_is_encoder(codec) != 0, codec.pointee.type == AVMEDIA_TYPE_VIDEO,
        codec.pointee.capabilities & AV_CODEC_CAP_EXPERIMENTAL == 0, name != "wrapped_avframe",
        !left.contains(where: name.hasSuffix)
      else { continue }
      names.append(name)
    }
    return names
  }()

  @Test(arguments: encoders) func whatIsWrittenCanBeReadAgain(codec: String) throws {
    try TestData.withTemporaryFolder { folder in
      for container in Self.containers { try check(codec, container, folder.path + "/out.\(container)") }
    }
  }

  private func check(_ codec: String, _ container: String, _ path: String) throws {
    // The smallest size that old codecs with fixed sizes take as well.
    let format = FrameFormat(
      pixelFormat: .yuv420p, width: 176, height: 144, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
    do {
      let sink = try openSink(Destination(path), options: SinkOptions(format: container, codec: codec))
      try sink.open(format, companions: nil)
      for index in 0..<2 { try sink.write(made(format, index, pts: Int64(index), duration: 1)) }
      try sink.finish()
    } catch {
      // A sentence, and nothing under the final name.
      #expect("\(error)".count > 20 && !FileManager.default.fileExists(atPath: path), "\(codec) \(container): \(error)")
      return
    }
    do {
      let source = try openSource(SourceAddress(path))
      let frame = Frame(source.format)
      var (count, damaged) = (0, 0)
      while try source.read(into: frame) { (count, damaged) = (count + 1, damaged + (frame.isDamaged ? 1 : 0)) }
      #expect(count == 2 && damaged == 0, "\(codec) in \(container): \(count) of 2 frames, \(damaged) damaged")
      #expect(source.format.width == 176 && source.format.height == 144, "\(codec) in \(container)")
    } catch {
      Issue.record("\(codec) in \(container) cannot be read again: \(error)")
    }
  }

  /// QuickTime knows few kinds of raw video; others become the nearest of them.
  @Test(arguments: ["yuv420p", "rgb24", "gray", "yuva444p"], ["mov", "avi", "mkv", "nut"])
  func rawVideoCanBeReadAgain(pixels: String, container: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.\(container)"
      let format = FrameFormat(
        pixelFormat: try #require(PixelFormat(ffmpeg: av_get_pix_fmt(pixels))), width: 96, height: 64,
        timeBase: Rational(1, 25), frameRate: Rational(25, 1))
      let sink = try openSink(Destination(path), options: SinkOptions(codec: "rawvideo"))
      try sink.open(format, companions: nil)
      for index in 0..<3 { try sink.write(made(format, index, pts: Int64(index), duration: 1)) }
      try sink.finish()
      #expect(try Probe.frames(path).count == 3)
    }
  }

  /// The variant of a codec is what its tag says.
  @Test(arguments: [("yuva444p10le", "ap4h"), ("yuv444p10le", "ap4h"), ("yuv422p10le", "apch")])
  func proResKeepsItsProfile(pixels: String, tag: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.mov"
      let format = FrameFormat(
        pixelFormat: try #require(PixelFormat(ffmpeg: av_get_pix_fmt(pixels))), width: 96, height: 64,
        timeBase: Rational(1, 25), frameRate: Rational(25, 1))
      let sink = try openSink(Destination(path), options: SinkOptions(codec: "prores_ks"))
      try sink.open(format, companions: nil)
      for index in 0..<3 { try sink.write(made(format, index, pts: Int64(index), duration: 1)) }
      try sink.finish()
      #expect(try Probe.stream(path, "codec_tag_string") == tag)
      let seen = try Probe.stream(path, "pix_fmt")
      #expect(seen.hasPrefix(pixels.hasPrefix("yuv422") ? "yuv422p" : pixels.contains("a4") ? "yuva444p" : "yuv444p"))
    }
  }
}
