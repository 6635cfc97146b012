import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// Photographs, sequences, pipes, several streams.
@Suite struct SourceTests {
  @Test(arguments: ["a.png", "a.jpg", "a.bmp", "a.tiff", "a.webp", "a%03d.png", "a*.png", "a b'c.png", "x:y.png"])
  func photographs(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let plain = try Reference.make(
        folder.appendingPathComponent("plain." + (name as NSString).pathExtension),
        "-f lavfi -i testsrc2=size=65x43,format=rgb24 -frames:v 1 -update 1")
      let path = folder.appendingPathComponent(name)
      try FileManager.default.moveItem(at: plain, to: path)
      let decoded = try decode(path.path)
      #expect(decoded.times.count == 1 && decoded.format.width == 65 && decoded.format.height == 43)
      try FileManager.default.moveItem(at: path, to: plain)
      #expect(decoded.samples == (try Reference.samples(plain.path, decoded.format, isJPEGPicture: name == "a.jpg")))
    }
  }

  @Test func sequences() throws {
    try TestData.withTemporaryFolder { folder in
      try Reference.make(
        folder.appendingPathComponent("f%04d.png"),
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.4 -start_number 123 -pix_fmt rgb24")
      for pattern in ["f%04d.png", "f*.png"] {
        let decoded = try decode(folder.appendingPathComponent(pattern).path)
        #expect(decoded.times == (0..<10).map { Int64($0) })
        #expect(decoded.format.timeBase.value == 0.04)
        for index in 0..<10 {
          let one = folder.appendingPathComponent("f0\(123 + index).png").path
          #expect(decoded.picture(index) == (try Reference.samples(one, decoded.format)))
        }
      }
    }
  }

  /// A named pipe is read as a file is: once, in order.
  @Test(arguments: ["yuv4mpegpipe", "mpegts", "matroska", "mjpeg", "nut"]) func pipes(container: String) throws {
    try TestData.withTemporaryFolder { folder in
      let file = try Reference.make(
        folder.appendingPathComponent("a"),
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2 -pix_fmt yuvj420p -f \(container)")
      let whole = try decode(file.path)
      let pipe = folder.appendingPathComponent("pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      let writer = Process()
      writer.executableURL = URL(fileURLWithPath: "/bin/sh")
      writer.arguments = ["-c", "cat '\(file.path)' > '\(pipe)'"]
      try writer.run()
      var options = SourceOptions()
      options.format = container == "yuv4mpegpipe" ? "y4m" : container
      let decoded = try decode(pipe, options)
      writer.waitUntilExit()
      #expect(decoded.times.count == 50 && decoded.times == whole.times && decoded.samples == whole.samples)
    }
  }

  @Test func coverArtIsNotTheVideo() throws {
    try TestData.withTemporaryFolder { folder in
      let cover = try Reference.make(
        folder.appendingPathComponent("c.png"), "-f lavfi -i testsrc2=size=640x640 -frames:v 1 -pix_fmt rgb24")
      let path = try Reference.make(
        folder.appendingPathComponent("a.mp4"),
        "-i \(cover.path) -f lavfi -i testsrc2=size=64x48:duration=0.4 -f lavfi -i sine=duration=0.4 -map 0 -map 1 "
          + "-map 2 -c:v:0 copy -c:v:1 libx264 -pix_fmt:v:1 yuv420p -c:a aac -disposition:v:0 attached_pic")
      let decoded = try decode(path.path)
      #expect(decoded.format.width == 64 && decoded.times.count == 10)
      let companions = try #require(decoded.info.companions as? MediaCompanions)
      #expect(companions.streams.map(\.isCoverArt).contains(true))
      let index = try #require(companions.streams.first { $0.isCoverArt }).index
      #expect(decoded.companionBytes[index] == (try Data(contentsOf: cover)))
    }
  }

  @Test func companionsPassUntouched() throws {
    try TestData.withTemporaryFolder { folder in
      let (subtitles, chapters) = (folder.appendingPathComponent("s.srt"), folder.appendingPathComponent("m.txt"))
      try Data("1\n00:00:00,200 --> 00:00:00,900\nHello\n".utf8).write(to: subtitles)
      try Data(
        ";FFMETADATA1\ntitle=T\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=2000\ntitle=Two\n"
          .utf8
      )
      .write(to: chapters)
      let path = try Reference.make(
        folder.appendingPathComponent("a.mkv"),
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2 -f lavfi -i sine=duration=2 -i \(subtitles.path) -i \(chapters.path) "
          + "-map 0 -map 1 -map 2 -map_metadata 3 -map_chapters 3 -c:v libx264 -c:a aac -c:s srt -metadata:s:a:0 language=deu"
      )
      let decoded = try decode(path.path)
      let companions = try #require(decoded.info.companions as? MediaCompanions)
      #expect(companions.streams.map(\.codecName) == ["aac", "subrip"])
      #expect(companions.streams[0].metadata["language"] == "deu" && companions.metadata["TITLE"] == "T")
      #expect(companions.chapters.map { $0.metadata["title"] } == ["One", "Two"])
      let raw = try output(of: [
        "ffmpeg", "-v", "error", "-i", path.path, "-map", "0:1", "-c", "copy", "-f", "data", "-",
      ])
      #expect(decoded.companionBytes[1] == raw)
      let times = String(
        decoding: try output(of: [
          "ffprobe", "-v", "error", "-select_streams", "1", "-show_entries", "packet=pts", "-of", "csv=p=0", path.path,
        ]), as: UTF8.self)
      #expect(
        decoded.companionTimes[1]
          == times.split(separator: "\n").compactMap { Int64($0.filter { $0.isNumber || $0 == "-" }) })
      var options = SourceOptions()
      (options.start, options.duration) = (0.6, 1)
      let cut = try #require(try decode(path.path, options).info.companions as? MediaCompanions)
      #expect(cut.chapters.map { $0.metadata["title"] } == ["Two"])
      #expect(cut.chapters.first?.start == 0)
    }
  }

  /// The size changes in mid-stream: everything comes in the first size, letterboxed in black.
  @Test func sizeChanges() throws {
    try TestData.withTemporaryFolder { folder in
      for (name, size) in [("1", "64x48"), ("2", "48x64")] {
        try Reference.make(
          folder.appendingPathComponent(name),
          "-f lavfi -i color=c=white:size=\(size):rate=25:duration=0.2 -c:v libx264 -pix_fmt yuv420p -f mpegts")
      }
      let path = folder.appendingPathComponent("a.ts")
      try (Data(contentsOf: folder.appendingPathComponent("1")) + Data(contentsOf: folder.appendingPathComponent("2")))
        .write(to: path)
      let decoded = try decode(path.path)
      // The demuxer loses a picture at the seam, as ffprobe's does. The second part begins at the time of the first; here time goes on.
      #expect(decoded.times.count == (try Reference.times(path.path)).count)
      let steps = zip(decoded.times, decoded.times.dropFirst()).map { ($1 ?? 0) - ($0 ?? 0) }
      #expect(steps.allSatisfy { (3600...7200).contains($0) })
      #expect(decoded.format.width == 64 && decoded.format.height == 48)
      let (before, after) = ([UInt8](decoded.picture(0)), [UInt8](decoded.picture(decoded.times.count - 1)))
      #expect(before[0] > 225 && after[0] == 16 && after[32] > 225 && after[63] == 16)
      // 48:64 in 64x48 is 36 columns wide.
      #expect(after[0..<64].filter { $0 > 100 }.count == 36)
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func realSizeChanges() throws {
    let path = TestData.file("videos/fate_frame_size_change.webm").path
    let source = try openSource(SourceAddress(path))
    let frame = Frame(source.format)
    var times: [Int64?] = []
    while try source.read(into: frame) {
      times.append(frame.pts)
      #expect(frame.format == source.format)
    }
    #expect(times == (try Reference.times(path)))
  }

  @Test func colorsAndAspectAreKept() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try Reference.make(
        folder.appendingPathComponent("a.mp4"),
        "-f lavfi -i testsrc2=size=64x48:rate=30000/1001:duration=0.2 -vf setsar=8/9 -c:v libx264 -pix_fmt yuv420p -bsf:v "
          + "h264_metadata=video_full_range_flag=1:colour_primaries=9:transfer_characteristics=16:matrix_coefficients=9:"
          + "chroma_sample_loc_type=2")
      let format = try openSource(SourceAddress(path.path)).format
      #expect(format.color.range == .full && format.color.matrix == 9)
      #expect(format.color.primaries == 9 && format.color.transfer == 16 && format.color.chromaLocation == 3)
      #expect(format.sampleAspectRatio == Rational(8, 9) && format.frameRate == Rational(30000, 1001))
    }
  }

  @Test func interlacedPicturesAreMarked() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try Reference.make(
        folder.appendingPathComponent("a.ts"),
        "-f lavfi -i testsrc2=size=64x64:duration=0.2 -c:v mpeg2video -flags +ildct+ilme -top 1 -pix_fmt yuv420p")
      #expect(try openSource(SourceAddress(path.path)).format.fieldOrder == .topFirst)
    }
  }

  @Test func framesAreNotCopied() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try Reference.make(
        folder.appendingPathComponent("a.mp4"), "-f lavfi -i testsrc2=size=64x64:duration=0.4 -pix_fmt yuv420p")
      let source = try openSource(SourceAddress(path.path))
      let frame = Frame(source.format)
      #expect(try source.read(into: frame))
      let box = try #require(frame.backing as? AVFrameBox)
      while try source.read(into: frame) {
        #expect(frame.backing === box)
        #expect(frame.planes[0].base == UnsafeMutableRawPointer(box.pointer.pointee.data.0))
      }
    }
  }
}

@Suite struct SyntheticTests {
  @Test func syntheticPicturesAreAsAsked() throws {
    let decoded = try decode("synthetic:size=161x121,rate=30000/1001,frames=12")
    #expect(decoded.times == (0..<12).map { Int64($0) })
    #expect(decoded.format.width == 161 && decoded.format.height == 121)
    #expect(decoded.format.timeBase == Rational(1001, 30000) && decoded.info.frameCount == 12)
    #expect((0..<11).allSatisfy { decoded.picture($0) != decoded.picture($0 + 1) })
    #expect(decoded.samples == (try decode("synthetic:size=161x121,rate=30000/1001,frames=12")).samples)
  }

  @Test func startsAndEnds() throws {
    var options = SourceOptions()
    (options.start, options.duration) = (1, 0.5)
    let whole = try decode("synthetic:size=16x16,rate=10,frames=40")
    let cut = try decode("synthetic:size=16x16,rate=10,frames=40", options)
    #expect(cut.times == [0, 1, 2, 3, 4] && cut.picture(0) == whole.picture(10))
  }

  @Test(arguments: ["1x1", "1x2", "2x1", "3x3"]) func smallPicturesWork(size: String) throws {
    #expect(try decode("synthetic:size=\(size),frames=3").times.count == 3)
  }

  @Test func stopsWhenInterrupted() throws {
    let source = try openSource(SourceAddress("synthetic:size=16x16"))
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    source.interrupt()
    #expect(try !source.read(into: frame))
  }
}
