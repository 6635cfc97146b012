import CFFmpeg
import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture
@testable import Media
@testable import Output

/// What pictures and streams have beside their samples comes out as it went in.
@Suite struct SideDataTests {
  /// Three byte pairs of CTA-708 captions.
  private static let captions: [UInt8] = [0xfc, 0x94, 0x2c, 0xfd, 0x80, 0x80, 0xfc, 0x48, 0x49]

  /// Side data as a decoder gives it.
  private func sideData(_ kind: AVFrameSideDataType, _ bytes: [UInt8]) throws -> FrameSideData {
    let box = try AVFrameBox()
    let entry = try #require(av_frame_new_side_data(box.pointer, kind, bytes.count))
    entry.pointee.data.update(from: bytes, count: bytes.count)
    return try #require(try FrameSideData.of(box.pointer))
  }

  private func captionCount(_ path: String) throws -> Int {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_frames", "-show_entries",
      "frame=pts:side_data_list", "-of", "compact", path,
    ]).split(separator: "\n").filter { $0.contains("Closed Captions") }.count
  }

  /// Frames in memory of their own, as overlays are drawn on them, and with another pixel format than the encoder's.
  @Test(arguments: ["yuv420p", "rgb24"], [("mp4", "libx264"), ("mkv", "libx264"), ("ts", "mpeg2video")])
  func captionsTravelWithTheFrame(pixels: String, output: (ending: String, codec: String)) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.\(output.ending)"
      let pixelFormat = try #require(PixelFormat(ffmpeg: av_get_pix_fmt(pixels)))
      let format = FrameFormat(
        pixelFormat: pixelFormat, width: 96, height: 64, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
      let sink = try openSink(Destination(path), options: SinkOptions(codec: output.codec))
      try sink.open(format, companions: nil)
      for index in 0..<10 {
        let frame = made(format, index, pts: Int64(index), duration: 1)
        if index % 2 == 0 { frame.sideData = try sideData(AV_FRAME_DATA_A53_CC, Self.captions) }
        try sink.write(frame)
      }
      try sink.finish()
      #expect(try captionCount(path) == 5)
      let source = try openSource(SourceAddress(path))
      let (frame, view) = (Frame(source.format), try AVFrameView())
      var found: [[UInt8]] = []
      while try source.read(into: frame) {
        let picture = try view.show(frame)
        guard let entry = av_frame_get_side_data(picture, AV_FRAME_DATA_A53_CC) else { continue }
        found.append(Array(UnsafeBufferPointer(start: entry.pointee.data, count: entry.pointee.size)))
      }
      #expect(found == Array(repeating: Self.captions, count: 5))
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func captionsOfAClipAreKept() throws {
    let input = TestData.file("cases/captions/cc.mp4").path
    try TestData.withTemporaryFolder { folder in
      try transcode(input, to: folder.path + "/out.mp4")
      let expected = try captionCount(input)
      #expect(expected > 0)
      #expect(try captionCount(folder.path + "/out.mp4") == expected)
    }
  }

  private func shown(_ path: String) throws -> String {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=codec_name:stream_side_data", "-of",
      "compact", path,
    ])
  }

  @Test(arguments: [
    ("mp4", "libx264"), ("mov", "libx264"), ("mkv", "libx264"), ("mp4", "libx265"), ("webm", "libvpx-vp9"),
  ])
  func lightLevelsAreKept(ending: String, codec: String) throws {
    try TestData.withTemporaryFolder { folder in
      let (input, output) = (folder.path + "/in.mp4", folder.path + "/out.\(ending)")
      try Probe.ffmpeg(
        "-f lavfi -i testsrc2=size=96x64:rate=25:duration=0.4 -pix_fmt yuv420p10le -c:v libx265 -x265-params "
          + "log-level=none:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
          + " -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc", input)
      try transcode(input, to: output, SinkOptions(codec: codec))
      let seen = try shown(output)
      #expect(seen.contains("max_content=1000") && seen.contains("max_average=400"), "\(seen)")
      #expect(seen.contains("Mastering display metadata"), "\(seen)")
      let range = try #require(seen.firstMatch(of: /max_luminance=(\d+)\/(\d+)/))
      #expect(try #require(Double(range.1)) / #require(Double(range.2)) == 1000)
      if codec == "libx265" {
        // In the bit stream too, where a copy without the container keeps it.
        try Probe.ffmpeg("-i \(output) -c copy -f hevc", folder.path + "/out.hevc")
        let frames = try text(of: [
          "ffprobe", "-v", "error", "-show_frames", "-read_intervals", "%+#1", folder.path + "/out.hevc",
        ])
        #expect(frames.contains("max_content=1000") && frames.contains("red_x=34000/50000"), "\(frames)")
      }
    }
  }

  /// A panorama stays one, and two views in one picture do too.
  @Test(arguments: ["mp4", "mkv"]) func panoramasAndStereoAreKept(ending: String) throws {
    var (size, stereoSize) = (0, MemoryLayout<AVStereo3D>.size)
    let mapping = try #require(av_spherical_alloc(&size))
    defer { av_free(mapping) }
    mapping.pointee.projection = AV_SPHERICAL_EQUIRECTANGULAR
    let stereo = try #require(av_stereo3d_alloc())
    defer { av_free(stereo) }
    stereo.pointee.type = AV_STEREO3D_TOPBOTTOM
    stereoSize = MemoryLayout<AVStereo3D>.size
    let data = [
      StreamSideData(kind: AV_PKT_DATA_SPHERICAL, bytes: Array(UnsafeRawBufferPointer(start: mapping, count: size))),
      StreamSideData(
        kind: AV_PKT_DATA_STEREO3D, bytes: Array(UnsafeRawBufferPointer(start: stereo, count: stereoSize))),
    ]
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.\(ending)"
      let context = try #require(avformat_alloc_context())
      defer { avformat_free_context(context) }
      let stream = try #require(avformat_new_stream(context, nil))
      let companions = MediaCompanions(
        streams: [], video: try StreamDescription(copying: stream, sideData: data), chapters: [],
        metadata: try MetadataList(copying: nil))
      let format = FrameFormat(
        pixelFormat: .yuv420p, width: 96, height: 64, timeBase: Rational(1, 25), frameRate: Rational(25, 1))
      let sink = try openSink(Destination(path), options: SinkOptions())
      try sink.open(format, companions: companions)
      for index in 0..<5 { try sink.write(made(format, index, pts: Int64(index), duration: 1)) }
      try sink.finish()
      let seen = try shown(path)
      #expect(seen.contains("projection=equirectangular"), "\(seen)")
      // What FFmpeg 7 writes into mp4 about stereo is less than it is told.
      if ending == "mkv" || avformat_version() >> 16 < 61 { #expect(seen.contains("top and bottom"), "\(seen)") }
      // A second time, now out of a real container.
      try transcode(path, to: folder.path + "/again.\(ending)")
      #expect(try shown(folder.path + "/again.\(ending)") == seen)
    }
  }
}
