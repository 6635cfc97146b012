import Foundation
import TestSupport
import Testing

/// Each mistake is one sentence on stderr, the right exit status, and nothing under the final name.
@Suite struct BadInputTests {
  private func refuse(
    _ arguments: [String], status: Int32 = 1, saying words: [String], prepare: (URL) throws -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try TestData.withTemporaryFolder { folder in
      try prepare(folder)
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let result = try annotate(arguments, in: folder)
      expectRefusal(result, status: status, saying: words, sourceLocation: sourceLocation)
      let after = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(before == after, sourceLocation: sourceLocation)
    }
  }

  private func file(_ name: String, _ text: String = "") -> (URL) throws -> Void {
    { try Data(text.utf8).write(to: $0.appendingPathComponent(name)) }
  }

  @Test func inputsThatAreNoVideo() throws {
    try refuse(["nowhere.mp4", "out.mp4"], saying: ["nowhere.mp4"])
    try refuse(["empty.mp4", "out.mp4"], saying: ["empty.mp4"], prepare: file("empty.mp4"))
    try refuse(["text.mp4", "out.mp4"], saying: ["text.mp4"], prepare: file("text.mp4", "hello, world\n"))
    try refuse([".", "out.mp4"], saying: ["."])
    try refuse(["ftp://example.invalid/x", "out.mp4"], status: 2, saying: ["ftp"])
  }

  @Test func soundWithoutPictures() throws {
    try refuse(["sound.mp4", "out.mp4"], saying: ["sound.mp4"]) { folder in
      try makeClip(["-f", "lavfi", "-i", "sine=duration=1", "sound.mp4"], in: folder)
    }
  }

  /// An encrypted playlist (RFC 8216) whose key is missing, or another one's.
  @Test func playlistsThatCannotBeDecrypted() throws {
    try TestData.withTemporaryFolder { folder in
      try makePlaylist(in: folder)
      let key = folder.appendingPathComponent("clip.key")
      try Data("another one's key"[...].utf8.prefix(16)).write(to: key)
      expectRefusal(try annotate(["clip.m3u8", "out.mp4"], in: folder), status: 1, saying: ["playlist", "key"])
      try FileManager.default.removeItem(at: key)
      expectRefusal(try annotate(["clip.m3u8", "out.mp4"], in: folder), status: 1, saying: ["playlist", "key"])
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out.mp4").path))
    }
  }

  @Test func noise() throws {
    var dice = SplitMix64(5)
    let noise = Data((0..<300_000).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
    for ending in ["mp4", "mkv", "ts", "h264", "jpg", "avi", "bin"] {
      try refuse(["noise.\(ending)", "out.mp4"], saying: ["noise.\(ending)"]) {
        try noise.write(to: $0.appendingPathComponent("noise.\(ending)"))
      }
    }
  }

  @Test func aHeaderWithoutAWidth() throws {
    for header in ["YUV4MPEG2 W0 H120 F30:1\nFRAME\n", "YUV4MPEG2 H120 F30:1\nFRAME\n"] {
      try refuse(
        ["senseless.y4m", "out.mp4"], saying: ["senseless.y4m", "a width"], prepare: file("senseless.y4m", header))
    }
  }

  @Test func impossibleOutputs() throws {
    try refuse([testPattern, "nofolder/out.mp4"], saying: ["nofolder"])
    try refuse([testPattern, "out.xyz"], status: 2, saying: ["xyz"])
    try refuse(
      [testPattern, "out.mp4"], status: 2, saying: ["out.mp4", "--overwrite"], prepare: file("out.mp4", "precious"))
    try refuse([testPattern, "out.mp4", "--codec", "libx265x"], status: 2, saying: ["did you mean 'libx265'?"])
    try refuse([testPattern, "out.mp4", "--layer", "rellu1"], status: 2, saying: ["did you mean 'relu1'?"])
    try refuse([testPattern, "out.mp4", "--layer", "99"], status: 2, saying: ["no layer 99"])
  }

  @Test func filesThatAreNoModels() throws {
    try TestData.withTemporaryFolder { folder in
      try Data("not a model".utf8).write(to: folder.appendingPathComponent("m.onnx"))
      let model = try Data(contentsOf: URL(fileURLWithPath: tinyModel))
      try model.prefix(model.count / 2).write(to: folder.appendingPathComponent("half.onnx"))
      for (name, words) in [
        ("nowhere.onnx", "nowhere.onnx"), ("m.onnx", "not an ONNX file"), ("half.onnx", "half.onnx"), (".", "."),
      ] {
        let result = try fovea(["annotate", testPattern, "out.mp4", "--model", name], in: folder)
        expectRefusal(result, status: 1, saying: [words])
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out.mp4").path))
    }
  }

  @Test func labelsThatDoNotFit() throws {
    try TestData.withTemporaryFolder { folder in
      try Data("labels = ['one', 'two']\n".utf8).write(to: folder.appendingPathComponent("s.toml"))
      let result = try fovea(
        ["annotate", testPattern, "out.mp4", "--model", tinyModel, "--sidecar", "s.toml"], in: folder)
      expectRefusal(result, status: 78, saying: ["10 classes", "2 labels"])
    }
  }

  /// Parts of a playlist that are missing, or whose key is: FFmpeg goes past them in silence.
  @Test(arguments: ["rm c1.ts; touch", "sed -i 's/^c2.ts/#EXT-X-KEY:METHOD=AES-128,URI=\"no.key\"\\n&/'"])
  func aPlaylistWithoutSomeOfItsParts(damage: String) throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=4", "-c:v", "libx264", "-preset", "ultrafast",
          "-g",
          "10", "-hls_time", "1", "-hls_playlist_type", "vod", "-hls_segment_filename", "c%d.ts", "c.m3u8",
        ], in: folder)
      let whole = try annotate(["c.m3u8", "whole.mp4"], in: folder)
      #expect(whole.status == 0 && !whole.errors.contains("warning"), "\(whole.errors)")
      _ = try shell("\(damage) c.m3u8", in: folder)
      let result = try annotate(["c.m3u8", "out.mp4"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.errors.contains("some of the files that this playlist names could not be read"), "\(result.errors)")
    }
  }

  @Test func aFullDisk() throws {
    // /dev/full takes nothing: every write fails with ENOSPC.
    let result = try shell("fovea annotate \(testPattern) - --format y4m --model \(tinyModel) > /dev/full")
    expectRefusal(result, status: 1, saying: ["the disk is full"])
  }

  @Test func aReaderThatGoesAway() throws {
    let result = try shell(
      "set -o pipefail; fovea annotate \(testPattern) - --format y4m --model \(tinyModel) | head -c 1000 >/dev/null")
    expectRefusal(result, status: 1, saying: ["pipe"])
  }
}
