import Foundation
import TestSupport
import Testing

/// Odd time stamps, incomplete files and closed streams, as a user meets them.
@Suite struct TimeTests {
  /// Two seconds of picture and sound.
  private func makePart(_ name: String, start: Double, in folder: URL) throws {
    try makeClip(
      [
        "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=2", "-f", "lavfi", "-i", "sine=duration=2", "-c:v",
        "libx264", "-preset", "ultrafast", "-c:a", "aac", "-output_ts_offset", "\(start)", name,
      ], in: folder)
  }

  @Test func jumpsAreSaid() throws {
    try TestData.withTemporaryFolder { folder in
      try makePart("a.ts", start: 100, in: folder)
      try makePart("b.ts", start: 1, in: folder)
      let result = try shell(
        "cat a.ts b.ts a.ts > in.ts; fovea annotate in.ts out.mp4 --json out.json --model \(tinyModel) && ls",
        in: folder)
      #expect(result.text.contains("out.mp4"), "\(result.errors)")
      #expect(result.errors.contains(/in.ts: its time stamps jump by -10[01]\.\d+ s at 10[23]/), "\(result.errors)")
      #expect(
        result.errors.contains(/in.ts: its time stamps jumped 2 times, by -10[01]\.\d+ and \+9[67]\.\d+ s/),
        "\(result.errors)")
      #expect(try abs((times(folder.appendingPathComponent("out.mp4")).last ?? 0) - 6) < 0.3)
      // The data keeps the times of the input.
      let lines = try String(contentsOf: folder.appendingPathComponent("out.json"), encoding: .utf8).split(
        separator: "\n")
      let first = try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any]
      #expect(abs((first?["timestamp"] as? Double ?? 0) - 101.4) < 0.2)
    }
  }

  @Test func aLateStartIsKeptOnDemand() throws {
    try TestData.withTemporaryFolder { folder in
      try makePart("in.mkv", start: 2000, in: folder)
      #expect(try annotate(["in.mkv", "zero.mp4"], in: folder).status == 0)
      #expect(try annotate(["in.mkv", "kept.mp4", "--keep-start"], in: folder).status == 0)
      #expect(try abs(times(folder.appendingPathComponent("zero.mp4"))[0]) < 0.03)
      #expect(try abs(times(folder.appendingPathComponent("kept.mp4"))[0] - 2000) < 0.03)
    }
  }

  /// Half a file whose index comes first.
  @Test(arguments: ["mp4", "mkv", "avi"]) func aFileThatEndsEarlyIsSaid(ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=6", "-c:v", "mpeg4", "-b:v", "2M", "-g", "5",
          "-movflags",
          "faststart", "whole.\(ending)",
        ], in: folder)
      let whole = folder.appendingPathComponent("whole.\(ending)")
      let data = try Data(contentsOf: whole)
      try data.prefix(data.count / 2).write(to: folder.appendingPathComponent("half.\(ending)"))
      let half = try annotate(["half.\(ending)", "half-out.mp4"], in: folder)
      #expect(half.status == 0 && half.errors.contains("half.\(ending) ends early"), "\(half.errors)")
      #expect(half.errors.contains("promises 6.0 s"), "\(half.errors)")
      let complete = try annotate(["whole.\(ending)", "whole-out.mp4"], in: folder)
      #expect(complete.status == 0 && !complete.errors.contains("ends early"), "\(complete.errors)")
    }
  }

  /// All of the sound lies behind all of the pictures, and only the pictures are there.
  @Test func soundBehindTheEndBlocksNoPictures() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4", "-f", "lavfi", "-itsoffset", "100", "-i",
          "sine=duration=4", "-c:v", "libx264", "-g", "25", "-c:a", "aac", "-movflags", "faststart", "late.mp4",
        ], in: folder)
      var bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent("late.mp4")))
      // Written late, and then moved to the beginning: the edit list of the sound begins with an empty edit of 100 s.
      let empty: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0]
      let edit = try #require(bytes.indices.first { bytes[$0...].starts(with: empty) })
      for index in edit - 4..<edit { bytes[index] = 0 }
      let media = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("mdat".utf8)) })
      try Data(bytes).write(to: folder.appendingPathComponent("whole.mp4"))
      let sound = Int(try stream(folder.appendingPathComponent("whole.mp4"), "nb_frames")) ?? 0
      #expect(sound == 100)
      try Data(bytes.prefix(media + (bytes.count - media) / 2)).write(to: folder.appendingPathComponent("half.mp4"))
      let whole = try annotate(["whole.mp4", "a.mp4"], in: folder)
      #expect(whole.status == 0 && !whole.errors.contains("ends early"), "\(whole.errors)")
      let video = try output(of: [
        "ffmpeg", "-v", "quiet", "-i", folder.path + "/half.mp4", "-map", "0:v", "-fps_mode", "passthrough", "-f",
        "framemd5", "-",
      ])
      let there = String(decoding: video, as: UTF8.self).split(separator: "\n").count { !$0.hasPrefix("#") }
      let half = try annotate(["half.mp4", "b.mp4"], in: folder)
      #expect(
        half.status == 0 && half.errors.contains("ends early") && half.errors.contains("\(there) written"),
        "\(half.errors)")
      #expect(there > 30)
    }
  }

  @Test func missingPicturesAreNamed() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(["-f", "lavfi", "-i", "testsrc=s=160x120:d=1:r=5", "f%d.png"], in: folder)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("f3.png"))
      let result = try annotate(["f%d.png", "out.mp4"], in: folder)
      #expect(result.status == 0 && result.errors.contains("no file with the number 3"), "\(result.errors)")
      #expect(result.errors.contains("4 frames in, 4 analysed, 4 written, 0 damaged"), "\(result.errors)")
    }
  }

  @Test func leftOutFramesAreCounted() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try annotate(["synthetic:size=96x64,rate=120,frames=60", "out.gif"], in: folder)
      #expect(result.status == 0 && result.errors.contains(/goes without (9|10) frames/), "\(result.errors)")
    }
  }

  @Test func picturesCannotTellTheirTimes() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=2", "-vf", "select='lt(mod(n,7),2)'", "-fps_mode",
          "vfr",
          "-c:v", "libx264", "in.mkv",
        ], in: folder)
      let result = try annotate(["in.mkv", "f%d.png"], in: folder)
      #expect(result.status == 0 && result.errors.contains("do not come at a constant rate"), "\(result.errors)")
      let constant = try annotate([testPattern, "g%d.png"], in: folder)
      #expect(constant.status == 0 && !constant.errors.contains("constant rate"), "\(constant.errors)")
    }
  }

  /// The server closes the connection: what the decoder holds still comes, and all is well.
  @Test func theEndOfRTMPIsAnEnd() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=2", "-c:v", "libx264", "-bf", "3", "-g", "25",
          "in.flv",
        ], in: folder)
      let result = try shell(
        """
        address=rtmp://127.0.0.1:$((20000 + RANDOM % 20000))/live/x
        ffmpeg -v error -nostdin -i in.flv -c copy -f flv -listen 1 $address & server=$!
        for _ in $(seq 200); do
          fovea annotate $address out.mp4 --no-retry --model \(tinyModel) 2> errors && break
          grep -q 'nothing listens' errors || break
          sleep 0.05
        done
        cat errors >&2; kill $server
        """, in: folder)
      #expect(result.errors.contains("50 frames in, 50 analysed, 50 written"), "\(result.errors)")
    }
  }

  /// The next file that is opened must not be taken for a standard stream.
  @Test func closedStreamsAreNoFiles() throws {
    try TestData.withTemporaryFolder { folder in
      let input = try shell("timeout -k 1 60 fovea annotate - out.mp4 --model \(tinyModel) <&-", in: folder)
      #expect(input.status == 1 && input.errors.contains("standard input: it is closed"), "\(input.errors)")
      let output = try shell(
        "timeout -k 1 60 fovea annotate \(testPattern) - --format y4m --model \(tinyModel) >&-", in: folder)
      #expect(output.status == 1 && output.errors.contains("standard output"), "\(output.errors)")
      let errors = try shell(
        "timeout -k 1 60 fovea annotate \(testPattern) out.mp4 --model \(tinyModel) 2>&-", in: folder)
      #expect(errors.status == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.mp4"])
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func whatHasNoSizeIsLeftOut() throws {
    try TestData.withTemporaryFolder { folder in
      let out = folder.appendingPathComponent("out.mp4")
      let result = try annotate([TestData.file("cases/clips/bogus-second-video.mp4").path, out.path], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try !times(out).isEmpty && !audioHashes(out).isEmpty)
    }
  }
}
