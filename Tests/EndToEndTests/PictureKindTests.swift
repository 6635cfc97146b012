import Foundation
import TestSupport
import Testing

/// Pictures and videos of kinds that need a word of their own.
@Suite struct PictureKindTests {
  private func media(_ folder: URL, _ arguments: String) throws {
    try makeClip(arguments.split(separator: " ").map(String.init), in: folder)
  }

  @Test func rawVideoIsReadByItsDescription() throws {
    try TestData.withTemporaryFolder { folder in
      try media(folder, "-f lavfi -i testsrc2=size=64x48:rate=30000/1001:duration=1 -pix_fmt rgb24 -f rawvideo in.rgb")
      let description = ["--size", "64x48", "--pixel-format", "rgb24", "--frame-rate", "30000/1001"]
      let result = try annotate(["in.rgb", "out.mp4"] + description, in: folder)
      #expect(result.errors.contains("30 frames in, 30 analysed, 30 written"), "\(result.errors)")
      #expect(try stream(folder.appendingPathComponent("out.mp4"), "r_frame_rate") == "30000/1001")
      let piped = try shell(
        "cat in.rgb | fovea annotate - --json - --model \(TestData.tinyModel) \(description.joined(separator: " "))",
        in: folder)
      #expect(piped.status == 0 && piped.text.split(separator: "\n").count >= 30, "\(piped.errors)")
    }
  }

  @Test(arguments: [
    (["--input-format", "rawvideo"], "give --size"), (["--frame-rate", "5"], "also needs --size"),
    (["--size", "64x48", "--pixel-format", "rgb25"], "did you mean 'rgb24'"),
    (["--size", "0x48"], "a width and a height"),
    (["--size", "64x48", "--frame-rate", "0"], "frames per second"),
    (["--size", "64x48", "--frame-rate", "1/0"], "frames per second"),
    (["--size", "64x48", "--input-format", "matroska"], "leave them out"),
  ])
  func rawVideoNeedsItsDescription(arguments: [String], sentence: String) throws {
    try TestData.withTemporaryFolder { folder in
      try Data(repeating: 7, count: 64 * 48 * 3).write(to: folder.appendingPathComponent("in.rgb"))
      let result = try annotate(["in.rgb", "out.mp4"] + arguments, in: folder)
      #expect(result.status != 0 && result.errors.contains(sentence), "\(result.errors)")
    }
  }

  @Test func transparencyThatIsLostIsSaid() throws {
    try TestData.withTemporaryFolder { folder in
      try media(folder, "-f lavfi -i testsrc2=size=96x64:rate=5:duration=1,format=yuva444p -c:v png in.mov")
      let lost = try annotate(["in.mov", "out.mp4"], in: folder)
      #expect(lost.errors.contains("goes without the transparency"), "\(lost.errors)")
      let kept = try annotate(["in.mov", "out.webm"], in: folder)
      #expect(kept.status == 0 && !kept.errors.contains("transparency"), "\(kept.errors)")
    }
  }

  /// The time code of QuickTime is written anew by the muxer: nothing is lost, and nothing is said.
  @Test(arguments: ["mov", "mp4", "mkv"]) func timeCodesAreKept(ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      try media(
        folder,
        "-f lavfi -i testsrc2=size=96x64:rate=25:duration=1 -timecode 01:02:03:04 -c:v libx264 -preset ultrafast in.mov"
      )
      let result = try annotate(["in.mov", "out.\(ending)"], in: folder)
      #expect(result.status == 0 && !result.errors.contains("goes without"), "\(result.errors)")
      let tags = try run(
        "ffprobe", ["-v", "error", "-show_entries", "stream_tags:format_tags", folder.path + "/out.\(ending)"])
      #expect(tags.text.contains("01:02:03:04"), "\(tags.text)")
    }
  }

  @Test func truncatedPhotographsAreSaid() throws {
    try TestData.withTemporaryFolder { folder in
      try media(folder, "-f lavfi -i testsrc2=size=320x240 -frames:v 1 whole.jpg")
      let whole = try Data(contentsOf: folder.appendingPathComponent("whole.jpg"))
      try whole.prefix(whole.count * 2 / 3).write(to: folder.appendingPathComponent("cut.jpg"))
      // What cameras write behind the picture is no damage.
      try (whole + Data(repeating: 1, count: 100)).write(to: folder.appendingPathComponent("longer.jpg"))
      for (name, isDamaged) in [("whole", false), ("cut", true), ("longer", false)] {
        let result = try annotate(["\(name).jpg", "\(name).png"], in: folder)
        #expect(
          result.status == 0 && result.errors.contains("data is damaged") == isDamaged, "\(name): \(result.errors)")
      }
    }
  }

  @Test func animatedWebPIsRefusedWithAdvice() throws {
    try TestData.withTemporaryFolder { folder in
      // RIFF, the extended header with the flag of animation, and one ANIM chunk.
      var file = Data("RIFF".utf8) + Data([36, 0, 0, 0]) + Data("WEBPVP8X".utf8) + Data([10, 0, 0, 0, 2, 0, 0, 0])
      file += Data([31, 0, 0, 31, 0, 0]) + Data("ANIM".utf8) + Data([6, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      try file.write(to: folder.appendingPathComponent("made.webp"))
      var names = ["made.webp"]
      if TestData.hasShared { names.append(TestData.file("cases/animated-webp/anim.webp").path) }
      for name in names {
        let result = try annotate([name, "out.mp4"], in: folder)
        #expect(result.status == 1 && result.errors.contains("animated WebP"), "\(result.errors)")
        #expect(result.errors.contains("convert it to a GIF"), "\(result.errors)")
      }
    }
  }

  @Test func picturesTooSmallForOverlaysAreSaid() throws {
    try TestData.withTemporaryFolder { folder in
      let tiny = try annotate(["synthetic:size=50x50,rate=5,frames=5", "out.mp4"], in: folder)
      #expect(tiny.status == 0 && tiny.errors.contains("have no room for the overlays top"), "\(tiny.errors)")
      #expect(tiny.errors.contains("--layout below"), "\(tiny.errors)")
      let below = try annotate(
        ["synthetic:size=50x50,rate=5,frames=5", "below.mp4", "--layout", "below", "--layer", "relu1"], in: folder)
      #expect(below.status == 0 && !below.errors.contains("no room"), "\(below.errors)")
    }
  }

  /// A mov with ProRes, which mp4 does not hold, is written by the muxer that has no place for cover art: its loss is said.
  @Test(arguments: [("mp4", "libx264"), ("mov", "libx264"), ("mov", "prores_ks")])
  func coverArtIsKeptOrMissed(ending: String, codec: String) throws {
    let isKept = codec == "libx264"
    try TestData.withTemporaryFolder { folder in
      try media(folder, "-f lavfi -i testsrc2=size=64x64 -frames:v 1 cover.jpg")
      try media(
        folder,
        "-f lavfi -i testsrc2=size=96x64:rate=25:duration=2 -f lavfi -i sine=440:duration=2 -i cover.jpg -map 0 -map 1 "
          + "-map 2 -c:v:0 libx264 -preset ultrafast -c:v:1 copy -c:a aac -disposition:v:1 attached_pic in.mp4")
      let result = try annotate(["in.mp4", "out.\(ending)", "--codec", codec], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("cannot hold the cover art") == !isKept, "\(result.errors)")
      let (input, out) = (folder.path + "/in.mp4", folder.path + "/out.\(ending)")
      func hashes(_ path: String, _ stream: String) throws -> String {
        let text = try run(
          "ffmpeg", ["-v", "error", "-i", path, "-map", stream, "-c", "copy", "-f", "streamhash", "-"]
        ).text
        return text.contains("SHA256=") ? text : "nothing"
      }
      let cover = isKept ? try hashes(input, "0:v:1") : "nothing"
      #expect(try hashes(out, "0:v:1") == cover)
      #expect(try hashes(out, "0:a") == hashes(input, "0:a"))
      #expect(try stream(URL(fileURLWithPath: out), "nb_frames") == "50")
    }
  }
}
