import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture
@testable import Media
@testable import Output

@Suite struct CompanionTests {
  /// A film with two languages, subtitles, chapters and a title.
  private func film(_ folder: URL, _ ending: String, subtitles: String) throws -> String {
    let (srt, meta, path) = (folder.path + "/s.srt", folder.path + "/meta.txt", folder.path + "/in.\(ending)")
    try "1\n00:00:00,500 --> 00:00:01,500\nGrüße\n\n2\n00:00:02,000 --> 00:00:02,500\ntwo\n".write(
      toFile: srt, atomically: true, encoding: .utf8)
    try """
    ;FFMETADATA1
    title=A film
    artist=Nobody

    [CHAPTER]
    TIMEBASE=1/1000
    START=0
    END=1000
    title=First
    [CHAPTER]
    TIMEBASE=1/1000
    START=1000
    END=3000
    title=Second

    """.write(toFile: meta, atomically: true, encoding: .utf8)
    try Probe.ffmpeg(
      "-f lavfi -i testsrc2=size=96x64:rate=25:duration=3 -f lavfi -i sine=440:duration=3 -f lavfi -i sine=880:duration=3"
        + " -i \(srt) -i \(meta) -map 0 -map 1 -map 2 -map 3 -map_metadata 4 -map_chapters 4 -c:v libx264 -preset ultrafast"
        + " -c:a aac -c:s \(subtitles) -metadata:s:a:0 language=deu -metadata:s:a:1 language=fra -metadata:s:s:0 language=eng"
        + " -disposition:a:1 default -disposition:a:0 0",
      path)
    return path
  }

  @Test(arguments: [("mp4", "mov_text"), ("mov", "mov_text"), ("mkv", "subrip")])
  func everythingBesideTheVideoIsCopied(_ ending: String, _ subtitles: String) throws {
    try TestData.withTemporaryFolder { folder in
      let input = try film(folder, ending, subtitles: subtitles)
      let output = folder.path + "/out.\(ending)"
      try transcode(input, to: output)
      for stream in ["a:0", "a:1", "s:0"] {
        #expect(try Probe.packets(output, stream) == Probe.packets(input, stream), "\(stream)")
        #expect(try !Probe.packets(output, stream).isEmpty)
      }
      #expect(try Probe.times(output) == Probe.times(input))
      for (stream, language) in [("a:0", "deu"), ("a:1", "fra"), ("s:0", "eng")] {
        let found = try text(of: [
          "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "stream_tags=language:packet=pts_time",
          "-of", "csv=p=0", output,
        ])
        let expected = try text(of: [
          "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "stream_tags=language:packet=pts_time",
          "-of", "csv=p=0", input,
        ])
        #expect(found.contains(language) || ending == "mov")  // which has numbers of its own
        #expect(found == expected, "\(stream)")
      }
      let about = [
        "format_tags=title,artist", "stream_disposition=default", "chapter=start_time,end_time:chapter_tags=title",
      ]
      for entries in about {
        let show = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0"]
        let (found, expected) = (try text(of: show + [output]), try text(of: show + [input]))
        #expect(found == expected, "\(entries): \(found) for \(expected)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("partial") } == [])
    }
  }

  @Test func streamsThatAContainerCannotHoldAreConverted() throws {
    try TestData.withTemporaryFolder { folder in
      let input = try film(folder, "mkv", subtitles: "subrip")
      for (ending, sound, subtitles) in [("mp4", "aac", "mov_text"), ("webm", "opus", "webvtt")] {
        let output = folder.path + "/out.\(ending)"
        try transcode(input, to: output)
        #expect(try Probe.stream(output, "codec_name", "a:0") == sound)
        #expect(try Probe.stream(output, "codec_name", "s:0") == subtitles)
        #expect(try Probe.frames(output).count == 75)
        var options = SinkOptions(overwrite: true)
        options.transcodesCompanions = false
        try transcode(input, to: output, options)
        #expect(try Probe.packets(output, "s").isEmpty)
        #expect(try Probe.packets(output, "a").isEmpty == (ending == "webm"))
      }
    }
  }

  @Test func attachmentsGoIntoMatroska() throws {
    try TestData.withTemporaryFolder { folder in
      let (font, input, output) = (folder.path + "/a.ttf", folder.path + "/in.mkv", folder.path + "/out.mkv")
      try Data((0..<2000).map { UInt8($0 & 255) }).write(to: URL(fileURLWithPath: font))
      try Probe.ffmpeg(
        "-f lavfi -i testsrc2=size=96x64:rate=25:duration=1 -attach \(font) -metadata:s:t mimetype=font/ttf", input)
      try transcode(input, to: output)
      let dumped = folder.path + "/b.ttf"
      _ = try? text(of: ["ffmpeg", "-v", "error", "-dump_attachment:t:0", dumped, "-i", output])
      #expect(FileManager.default.contentsEqual(atPath: font, andPath: dumped))
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func rotationIsNotWrittenAgain() throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.mov"
      try transcode(TestData.file("videos/rot_90.mov").path, to: output)
      let about = try text(of: ["ffprobe", "-v", "error", "-show_streams", output])
      #expect(!about.contains("rotation") && !about.contains("rotate"))
    }
  }

  /// Real clips: all pts and every copied packet the same.
  @Test(
    .enabled(if: TestData.hasShared),
    arguments: [
      "car-detection.mp4", "SampleVideo_1280x720_1mb.mp4", "flipping_a_pancake.mkv",
    ])
  func realClips(_ name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let input = TestData.file("videos/" + name).path
      for ending in ["mp4", "mkv"] {
        let output = folder.path + "/out.\(ending)"
        try transcode(input, to: output, SinkOptions(preset: "ultrafast"))
        #expect(try Probe.packets(output, "a") == Probe.packets(input, "a"))
        let (found, expected) = (try Probe.times(output), try Probe.times(input))
        #expect(found.count == expected.count)
        let shift = (found.first ?? 0) - (expected.first ?? 0)
        let tolerance = ending == "mkv" ? 0.00101 : 0.0000011
        #expect(zip(found, expected).allSatisfy { abs($0 - shift - $1) <= tolerance })
      }
    }
  }
}
