import Foundation
import Media
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// What cannot be used is refused with one sentence: what, where, what to do.
@Suite struct BadInputTests {
  private func refusal(_ uri: String, _ options: SourceOptions = SourceOptions()) -> String {
    do {
      _ = try openSource(SourceAddress(uri), options: options)
      return "opened"
    } catch let error as UserError {
      #expect(!error.description.contains("\n") && !error.description.hasSuffix("."))
      return error.description
    } catch {
      return "another kind of error: \(error)"
    }
  }

  @Test func names() throws {
    try TestData.withTemporaryFolder { folder in
      let missing = folder.appendingPathComponent("none.mp4").path
      #expect(refusal(missing) == "cannot open \(missing): there is no such file; check the path")
      #expect(refusal(folder.path).contains("it is a folder; name a file"))
      #expect(refusal(folder.path + "/%05d.png").contains("no file in \(folder.path) has such a name"))
      #expect(refusal(folder.path + "/*.png").contains("no file"))
      #expect(refusal("gopher://x/y").contains("there is no scheme \"gopher\""))
      #expect(refusal("synthetic:size=0x3").contains("\"size=0x3\" is not understood"))
      #expect(refusal("/dev/video77").contains("/dev/video77"))
      #expect(refusal("").contains("cannot open"))
    }
  }

  @Test func contents() throws {
    try TestData.withTemporaryFolder { (folder: URL) throws in
      func file(_ name: String, _ data: Data) throws -> String {
        let path = folder.appendingPathComponent(name)
        try data.write(to: path)
        return path.path
      }
      #expect(try refusal(file("empty.mp4", Data())).contains("the file is empty"))
      #expect(try refusal(file("text.mp4", Data("Dear Sir, no video.\n".utf8))).contains("it is a text file"))
      #expect(try refusal(file("text.txt", Data("Dear Sir, no video.\n".utf8))).contains("it is a text file"))
      #expect(try refusal(file("zeros.mp4", Data(count: 5000))).contains("not a video or image that FFmpeg knows"))
      var state: UInt64 = 7
      let noise = (0..<5000).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return UInt8(truncatingIfNeeded: state >> 56)
      }
      #expect(try refusal(file("noise.mkv", Data(noise))).contains("cannot "))
    }
  }

  @Test func unreadableFiles() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("secret.mp4")
      try Data("x".utf8).write(to: path)
      chmod(path.path, 0)
      // The superuser may read everything.
      if getuid() != 0 { #expect(refusal(path.path).contains("permission denied")) }
    }
  }

  @Test func streamsWithoutVideo() throws {
    try TestData.withTemporaryFolder { folder in
      let sound = try Reference.make(folder.appendingPathComponent("a.m4a"), "-f lavfi -i sine=duration=1 -c:a aac")
      #expect(refusal(sound.path).contains("it has only sound, no video"))
      let cover = try Reference.make(
        folder.appendingPathComponent("c.png"), "-f lavfi -i testsrc2=size=64x64 -frames:v 1")
      let song = try Reference.make(
        folder.appendingPathComponent("b.mp3"),
        "-i \(sound.path) -i \(cover.path) -map 0 -map 1 -c:v copy -disposition:v attached_pic")
      #expect(refusal(song.path).contains("it has only a cover picture, no video"))
    }
  }

  /// A Matroska track whose ContentEncodings name a key, put where its name was.
  @Test func encryptedMatroska() throws {
    try TestData.withTemporaryFolder { folder in
      let title = String(repeating: "t", count: 60)
      let path = try Reference.make(
        folder.appendingPathComponent("a.mkv"), "-f lavfi -i testsrc2=duration=0.5 -metadata:s:v title=\(title)")
      var data = try Data(contentsOf: path)
      let name = try #require(data.firstRange(of: Data([0x53, 0x6E, 0xBC]) + Data(title.utf8)))
      let key: [UInt8] = [0x50, 0x35, 0x97, 0x47, 0xE1, 0x81, 5, 0x47, 0xE2, 0x90] + [UInt8](repeating: 7, count: 16)
      let encoding: [UInt8] = [0x6D, 0x80, 0xA5, 0x62, 0x40, 0xA2, 0x50, 0x32, 0x81, 1, 0x50, 0x33, 0x81, 1] + key
      data.replaceSubrange(name, with: encoding + [0xEC, 0x95] + [UInt8](repeating: 0, count: 21))
      try data.write(to: path)
      #expect(refusal(path.path).contains("encrypted"))
    }
  }

  @Test func encryptedVideo() throws {
    try TestData.withTemporaryFolder { folder in
      let key = String(repeating: "0123456789abcdef", count: 2)
      let path = try Reference.make(
        folder.appendingPathComponent("e.mp4"),
        "-f lavfi -i testsrc2=duration=0.5 -pix_fmt yuv420p -encryption_scheme cenc-aes-ctr -encryption_key \(key) "
          + "-encryption_kid \(key)")
      #expect(refusal(path.path).contains("encrypted"))
    }
  }

  @Test func absurdSizes() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try Reference.make(
        folder.appendingPathComponent("a.mkv"),
        "-f lavfi -i testsrc2=size=300x300 -frames:v 1 -c:v rawvideo -pix_fmt yuv420p")
      var data = try Data(contentsOf: path)
      // Matroska's PixelWidth and PixelHeight, of two bytes each.
      for id: UInt8 in [0xb0, 0xba] {
        let element = try #require(data.range(of: Data([id, 0x82, 0x01, 0x2c])))
        data.replaceSubrange(element, with: [id, 0x82] + (id == 0xb0 ? [0x4e, 0x20] : [0, 100]))
      }
      try data.write(to: path)
      #expect(refusal(path.path).contains("20000x100"))
    }
  }

  @Test func unknownFormats() throws {
    var options = SourceOptions()
    options.format = "nosuchformat"
    #expect(refusal("-", options).contains("there is no input format \"nosuchformat\""))
    options.format = "rawvideo"
    #expect(refusal("-", options).contains("raw video does not tell its size"))
    #expect(!redacted("rtsp://joe:secret@host/x").contains("secret"))
  }

  /// A movie whose header promises what the data does not hold.
  @Test func headersWithoutPictures() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try Reference.make(
        folder.appendingPathComponent("z.mp4"), "-f lavfi -i testsrc2=duration=2 -pix_fmt yuv420p -movflags faststart")
      var data = try Data(contentsOf: path)
      let media = try #require(data.range(of: Data("mdat".utf8)))
      data.replaceSubrange(media.upperBound..., with: Data(count: data.count - media.upperBound))
      try data.write(to: path)
      let text = refusal(path.path)
      #expect(text.contains("its header claims h264 video of 320x240 and 2.0 s, but no picture can be decoded"))
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func realBadFiles() {
    func clip(_ name: String) -> String { TestData.file("videos/\(name)").path }
    #expect(refusal(clip("mp4parse_zero_empty_stsc.mp4")).contains("no picture can be decoded"))
    #expect(refusal(clip("sample_audio_only.mp4")).contains("only sound"))
  }
}

/// Damaged files are decoded as far as they go; nothing in them crashes or hangs us.
@Suite struct DamageTests {
  private static let clips: [(String, String)] = [
    ("a.mp4", "-c:v libx264 -bf 2 -pix_fmt yuv420p -c:a aac"), ("b.mkv", "-c:v libx264 -pix_fmt yuv422p10le -c:a flac"),
    ("c.ts", "-c:v mpeg2video -c:a mp2"), ("d.webm", "-c:v libvpx-vp9 -deadline realtime -c:a libopus"),
    ("e.avi", "-c:v mjpeg -c:a pcm_s16le"), ("f.gif", ""), ("g.mov", "-c:v prores_ks -c:a aac"),
    ("h.flv", "-c:v flv -c:a aac"), ("i.mp4", "-c:v libx265 -x265-params log-level=none -c:a aac"),
    ("j.mov", "-c:v png"), ("k.nut", "-c:v ffv1"), ("l.y4m", ""), ("m.ogv", "-c:v libtheora -c:a libvorbis"),
    ("n.mkv", "-c:v libsvtav1 -preset 12"),
  ]

  private func make(_ folder: URL, _ clip: (String, String)) throws -> Data {
    let path = try Reference.make(
      folder.appendingPathComponent(clip.0),
      "-f lavfi -i testsrc2=size=96x64:rate=25:duration=0.6 -f lavfi -i sine=duration=0.6 \(clip.1) -shortest")
    return try Data(contentsOf: path)
  }

  /// Decodes, or refuses with a sentence. Anything else fails the test.
  private func survive(_ data: Data, _ path: URL) throws -> Int? {
    try data.write(to: path)
    do {
      return try decode(path.path, limit: 200).times.count
    } catch is UserError {
      return nil
    }
  }

  @Test(arguments: clips.indices) func truncatedAnywhere(index: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let whole = try make(folder, Self.clips[index])
      let path = folder.appendingPathComponent("cut-" + Self.clips[index].0)
      for part in 1...12 {
        let count = try survive(whole.prefix(whole.count * part / 13), path)
        #expect((count ?? 0) <= 16)
      }
      #expect(try survive(whole, path) == 15)
    }
  }

  @Test(arguments: clips.indices) func flippedBits(index: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let whole = try make(folder, Self.clips[index])
      let path = folder.appendingPathComponent("flip-" + Self.clips[index].0)
      var state = UInt64(index + 1)
      func random(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
      }
      for round in 0..<16 {
        var data = whole
        // The header's bytes matter most: half of the rounds stay within the first 2 KB.
        let reach = round % 2 == 0 ? min(2048, data.count) : data.count
        for _ in 0..<(1 << (round % 6)) { data[random(reach)] ^= 1 << UInt8(random(8)) }
        _ = try survive(data, path)
      }
    }
  }

  @Test func damagedPacketsAreCounted() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try Reference.make(
        folder.appendingPathComponent("a.mkv"),
        "-f lavfi -i testsrc2=size=160x120:duration=2 -c:v libx264 -g 10 -pix_fmt yuv420p")
      var data = try Data(contentsOf: path)
      for offset in stride(from: data.count / 2, to: data.count * 3 / 4, by: 97) { data[offset] ^= 0x5a }
      try data.write(to: path)
      let decoded = try decode(path.path)
      #expect(decoded.times.count > 25 && decoded.times.count <= 50)
      #expect(decoded.counters.damagedPackets + decoded.damagedFrames > 0)
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func realDamageIsReported() throws {
    let decoded = try decode(TestData.file("videos/corrupted.mp4").path)
    #expect(decoded.counters.damagedPackets > 0)
    #expect(decoded.times.count > 0)
  }
}
