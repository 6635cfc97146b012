import Foundation
import TestSupport
import Testing

/// Sound whose sample rate or channels change where transport streams were joined.
@Suite struct SoundChangeTests {
  private static let rate = 8000

  /// Three seconds of picture, and a tone of 440 Hz.
  private func part(_ codec: String, _ rate: Int, _ channels: Int, in folder: URL) throws -> Data {
    try makeClip(
      [
        "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=3", "-f", "lavfi", "-i",
        "sine=frequency=440:sample_rate=\(rate):duration=3", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", codec,
        "-ac",
        "\(channels)", "part.ts",
      ], in: folder)
    return try Data(contentsOf: folder.appendingPathComponent("part.ts"))
  }

  /// The sound as ffmpeg decodes it, and what it complains of.
  private func decoded(_ file: URL) throws -> (samples: [Int16], complaints: String) {
    let result = try run(
      "ffmpeg", ["-v", "error", "-i", file.path, "-map", "0:a", "-ac", "1", "-ar", "\(Self.rate)", "-f", "s16le", "-"])
    // The program counts the samples of its output by the rate at the beginning.
    let complaints = result.errors.split(separator: "\n").filter {
      !$0.contains("non monotonically increasing dts") && !$0.contains("Last message repeated")
    }
    let samples = result.output.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    return (samples, complaints.joined(separator: "\n"))
  }

  /// By the zeros of a second.
  private func pitch(_ samples: [Int16], at second: Double) -> Int {
    let part = samples.dropFirst(Int(second * Double(Self.rate))).prefix(Self.rate)
    return zip(part, part.dropFirst()).count { $0 < 0 && $1 >= 0 }
  }

  private static let changes = [
    ("aac", 48000, 1, 22050, 1), ("aac", 22050, 1, 48000, 1), ("aac", 44100, 2, 48000, 1),
    ("mp2", 22050, 1, 48000, 1), ("mp3", 48000, 2, 44100, 2), ("ac3", 48000, 1, 32000, 2),
  ]

  @Test(
    arguments: changes.flatMap { change in
      (change.0 == "aac" ? ["mp4", "mov", "mkv", "flv", "webm", "avi"] : ["mp4", "mkv", "avi"]).map { (change, $0) }
    })
  func theRestIsHeardAsItIs(change: (String, Int, Int, Int, Int), container: String) throws {
    try TestData.withTemporaryFolder { folder in
      let (codec, rate, channels, nextRate, nextChannels) = change
      let joined = try part(codec, rate, channels, in: folder) + part(codec, nextRate, nextChannels, in: folder)
      try joined.write(to: folder.appendingPathComponent("in.ts"))
      let result = try annotate(["in.ts", "out.\(container)"], in: folder)
      #expect(result.status == 0 && !result.errors.contains("goes without"), "\(result.errors)")
      #expect(!result.errors.contains("jumped"), "one jump, where the parts meet: \(result.errors)")
      let file = folder.appendingPathComponent("out.\(container)")
      let (samples, complaints) = try decoded(file)
      #expect(complaints.isEmpty, "\(complaints)")
      #expect(abs(Double(samples.count) / Double(Self.rate) - 6) < 0.2, "\(samples.count)")
      for second in [0.5, 1.5, 3.5, 4.7] {
        #expect(abs(pitch(samples, at: second) - 440) < 6, "at \(second): \(pitch(samples, at: second))")
      }
      let pictures = try times(file)
      let packets = try text(of: [
        "ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0",
        file.path,
      ]).split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }
      #expect(abs((packets.last ?? 0) - (pictures.last ?? 9)) < 0.15 && abs(packets[0] - pictures[0]) < 0.1)
    }
  }

  /// One packet in the middle whose header has another sample rate.
  @Test func aDamagedHeaderChangesNothing() throws {
    try TestData.withTemporaryFolder { folder in
      var bytes = [UInt8](try part("aac", 44100, 1, in: folder))
      let headers = bytes.indices.dropLast(4).filter {
        bytes[$0] == 0xff && bytes[$0 + 1] == 0xf1 && bytes[$0 + 2] == 0x50 && bytes[$0 + 3] & 0xfc == 0x40
      }
      #expect(headers.count > 100)
      bytes[headers[headers.count / 2] + 2] = 0x4c
      try Data(bytes).write(to: folder.appendingPathComponent("in.ts"))
      let result = try annotate(["in.ts", "out.mkv"], in: folder)
      #expect(result.status == 0 && !result.errors.contains("cannot change the sound"), "\(result.errors)")
      let (samples, _) = try decoded(folder.appendingPathComponent("out.mkv"))
      #expect(abs(Double(samples.count) / Double(Self.rate) - 3) < 0.2, "\(samples.count)")
    }
  }

  @Test func whatIsNotConvertedIsLeftOut() throws {
    try TestData.withTemporaryFolder { folder in
      let joined = try part("aac", 48000, 1, in: folder) + part("aac", 22050, 1, in: folder)
      try joined.write(to: folder.appendingPathComponent("in.ts"))
      let result = try annotate(["in.ts", "out.mp4", "--no-transcode"], in: folder)
      #expect(
        result.status == 0 && result.errors.contains("from 48000 samples a second of 1 channel to 22050"),
        "\(result.errors)")
      let (samples, complaints) = try decoded(folder.appendingPathComponent("out.mp4"))
      #expect(complaints.isEmpty && abs(Double(samples.count) / Double(Self.rate) - 3) < 0.2, "\(samples.count)")
    }
  }
}
