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

  /// Four parts of a second.
  private func makeParts(in folder: URL) throws {
    try makeClip(
      [
        "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=4", "-c:v", "libx264", "-preset", "ultrafast",
        "-g",
        "10", "-hls_time", "1", "-hls_playlist_type", "vod", "-hls_segment_filename", "c%d.ts", "c.m3u8",
      ], in: folder)
  }

  /// FFmpeg goes past them in silence.
  @Test func aPlaylistWithoutSomeOfItsParts() throws {
    try TestData.withTemporaryFolder { folder in
      try makeParts(in: folder)
      let whole = try annotate(["c.m3u8", "whole.mp4"], in: folder)
      #expect(whole.status == 0 && !whole.errors.contains("warning"), "\(whole.errors)")
      try FileManager.default.removeItem(at: folder.appendingPathComponent("c1.ts"))
      let result = try annotate(["c.m3u8", "out.mp4"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.errors.contains("some of the files that this playlist names could not be read"), "\(result.errors)")
    }
  }

  /// A playlist whose third part is encrypted: a key that is missing is like a source that fails in the middle, another one's makes damage.
  @Test(arguments: [("", 1, "cannot decrypt all of c.m3u8"), ("printf 0123456789abcdef > no.key", 0, "another key")])
  func aKeyThatIsMissingInTheMiddle(key: String, status: Int32, sentence: String) throws {
    try TestData.withTemporaryFolder { folder in
      try makeParts(in: folder)
      _ = try shell(
        """
        openssl enc -aes-128-cbc -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000002 \
          -in c2.ts -out x && mv x c2.ts
        sed -i 's/^c2.ts/#EXT-X-KEY:METHOD=AES-128,URI="no.key",IV=0x00000000000000000000000000000002\\n&/' c.m3u8; \(key)
        """, in: folder)
      let result = try annotate(["c.m3u8", "out.mp4"], in: folder)
      #expect(result.status == status && result.errors.contains(sentence), "\(result.errors)")
      #expect(try times(folder.appendingPathComponent("out.mp4")).count == 20)
    }
  }

  /// An mp4 in fragments of a second that is encrypted from the second one on: its clear pictures are not left as if they were the film.
  @Test func aClearBeginning() throws {
    try TestData.withTemporaryFolder { folder in
      let key = "0123456789abcdef0123456789abcdef"
      let fragments = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof"]
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=3", "-c:v", "libx264", "-preset", "ultrafast",
          "-g", "25",
          "-pix_fmt", "yuv420p", "in.mp4",
        ], in: folder)
      try makeClip(["-i", "in.mp4"] + fragments + ["clear.mp4"], in: folder)
      try makeClip(
        ["-i", "in.mp4"] + fragments
          + ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key, "encrypted.mp4"],
        in: folder)
      let clear = try Box.all(Data(contentsOf: folder.appendingPathComponent("clear.mp4")))
      let header = try Box.all(Data(contentsOf: folder.appendingPathComponent("encrypted.mp4"))).prefix(2)
      let parts = clear.filter { ["moof", "mdat"].contains($0.type) }
      let film = header + parts.enumerated().map { $0 >= 2 && $1.type == "moof" ? $1.encrypted : $1 }
      try Data(film.flatMap { $0.data }).write(to: folder.appendingPathComponent("film.mp4"))
      for output in ["out.mp4", "out.mkv"] {
        let result = try annotate(["film.mp4", output], in: folder)
        expectRefusal(result, status: 1, saying: ["film.mp4", "the video is encrypted"])
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent(output).path))
      }
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

/// A box of an mp4 (ISO/IEC 14496-12).
private struct Box {
  let type: String
  let body: Data

  var data: Data { Self.number(body.count + 8) + Data(type.utf8) + body }

  static func all(_ data: Data) -> [Box] {
    var (boxes, rest) = ([Box](), data)
    while rest.count >= 8 {
      let size = Int(value(rest, 0))
      guard size >= 8, size <= rest.count else { break }
      let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
      boxes.append(Box(type: type, body: Data(rest.dropFirst(8).prefix(size - 8))))
      rest = rest.dropFirst(size)
    }
    return boxes
  }

  /// The same fragment with a `senc` box (ISO/IEC 23001-7), which gives each sample an initialisation vector.
  var encrypted: Box {
    guard type != "trun" else { return self }
    let inner = Self.all(body).map { $0.type == "traf" ? $0.encrypted : $0 }
    guard type == "traf", let run = inner.first(where: { $0.type == "trun" }) else {
      return Box(type: type, body: Data(inner.flatMap(\.data)))
    }
    let samples = Int(Self.value(run.body, 4))
    let vectors = (0..<samples).flatMap { Self.number(0) + Self.number($0) }
    let vectorBox = Box(type: "senc", body: Self.number(0) + Self.number(samples) + Data(vectors))
    // The samples lie behind the fragment's head, which has become longer.
    let offset = Int(Self.value(run.body, 8)) + vectorBox.data.count
    let moved = Box(type: "trun", body: run.body.prefix(8) + Self.number(offset) + run.body.dropFirst(12))
    return Box(
      type: type, body: Data((inner.map { $0.type == "trun" ? moved : $0 } + [vectorBox]).flatMap(\.data)))
  }

  private static func value(_ data: Data, _ offset: Int) -> UInt32 {
    data.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func number(_ value: Int) -> Data {
    Data((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) })
  }
}
