import Foundation
import TestSupport
import Testing

/// Each codec of sound in each container: it is heard, as long as before, and in step with the pictures, whether it was copied or
/// converted.
@Suite struct SoundMatrixTests {
  private static let codecs = [
    "pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw", "flac", "alac", "tta", "libvorbis",
    "libopus",
    "aac", "ac3", "eac3", "mp2", "libmp3lame", "wmav2", "adpcm_ima_wav", "adpcm_ms", "g722", "g726",
  ]
  private static let containers = ["mp4", "mov", "mkv", "webm", "ts", "avi", "flv", "nut"]

  /// Three seconds of video, with a tone from the first second on.
  private func makeSource(_ codec: String, in folder: URL) throws -> Bool {
    let rate = codec == "g722" ? 16000 : codec == "g726" ? 8000 : 44100
    let tone = "aevalsrc=0.5*sin(2*PI*800*t)*gte(t\\,1):s=\(codec == "libopus" ? 48000 : rate):d=3"
    let result = try run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=3", "-f", "lavfi", "-i", tone, "-c:v",
        "mpeg2video",
        "-c:a", codec, "in.mkv",
      ], in: folder)
    return result.status == 0
  }

  /// Seconds at which the tone begins, less that at which the video does, and how long the sound lasts.
  private func sound(_ name: String, in folder: URL) throws -> (onset: Double, duration: Double) {
    let result = try shell(
      """
      ffmpeg -v error -copyts -i \(name) -map 0:a:0 -af aresample=8000:async=1:first_pts=0,pan=mono\\|c0=c0 -f s16le -y s.raw
      ffprobe -v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0 \(name) | tr -d , | grep . | sort -n | head -1
      """, in: folder)
    #expect(result.errors.isEmpty, "\(name): \(result.errors)")
    let data = try Data(contentsOf: folder.appendingPathComponent("s.raw"))
    let samples = data.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    let first = samples.firstIndex { abs(Int($0)) > 4000 } ?? 0
    let start = try #require(Double(result.text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result.text)")
    return (Double(first) / 8000 - start, Double(samples.count) / 8000)
  }

  @Test(arguments: codecs) func aCodecInEachContainer(codec: String) throws {
    try TestData.withTemporaryFolder { folder in
      guard try makeSource(codec, in: folder) else { return }
      let before = try sound("in.mkv", in: folder)
      #expect(abs(before.onset - 1) < 0.06)
      for container in Self.containers {
        let encoder = container == "webm" ? ["--codec", "libvpx"] : []
        let result = try annotate(["in.mkv", "out.\(container)", "--top", "0", "--every", "100"] + encoder, in: folder)
        try #require(result.status == 0, "\(container): \(result.errors)")
        let after = try sound("out.\(container)", in: folder)
        // AVI does not say an encoder's own delay, for MP3 and WMA one frame.
        #expect(abs(after.onset - before.onset) < 0.05, "\(container): \(after.onset) after \(before.onset)")
        #expect(
          abs(after.duration - before.duration) < 0.17, "\(container): \(after.duration) after \(before.duration)")
      }
    }
  }

  @Test(arguments: ["pcm_s16le", "flac"], ["mp4", "mkv", "flv", "ts"])
  func aLaterStartKeepsStep(codec: String, container: String) throws {
    try TestData.withTemporaryFolder { folder in
      guard try makeSource(codec, in: folder) else { return }
      let result = try annotate(
        ["in.mkv", "out.\(container)", "--start", "0.6", "--duration", "1.6", "--top", "0", "--every", "100"],
        in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let after = try sound("out.\(container)", in: folder)
      #expect(abs(after.onset - 0.4) < 0.06, "\(after)")
      #expect(after.duration < 2.2, "\(after)")
    }
  }

  /// Rates and numbers of channels that no encoder takes: a sentence, or another rate; the video is there in any case.
  @Test(arguments: [
    (1, 1, "it claims 1 samples"), (48000, 64, "of 64 channels"), (48000, 9, "of 9 channels"),
    (48000, 17, "of 17 channels"),
    (48000, 6, "it becomes aac"), (768_000, 2, "it becomes aac"),
  ])
  func absurdSound(rate: Int, channels: Int, words: String) throws {
    try TestData.withTemporaryFolder { folder in
      let bytes = max(2 * channels * 3, 2 * channels * rate / 4)
      var wave = Data("RIFF".utf8)
      func put(_ value: Int, _ count: Int) {
        withUnsafeBytes(of: UInt32(value).littleEndian) { wave.append(contentsOf: $0.prefix(count)) }
      }
      put(36 + bytes, 4)
      wave.append(Data("WAVEfmt ".utf8))
      for (value, count) in [
        (16, 4), (1, 2), (channels, 2), (rate, 4), (rate * channels * 2, 4), (channels * 2, 2), (16, 2),
      ] {
        put(value, count)
      }
      wave.append(Data("data".utf8))
      put(bytes, 4)
      wave.append(Data(repeating: 1, count: bytes))
      try wave.write(to: folder.appendingPathComponent("in.wav"))
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=1", "-i", "in.wav", "-c:v", "mpeg2video", "-c:a", "copy",
          "in.mkv",
        ], in: folder)
      let result = try annotate(["in.mkv", "out.ts", "--top", "0", "--every", "100"], in: folder)
      #expect(result.status == 0 && result.errors.contains(words), "\(result.errors)")
      #expect(try frames(folder.appendingPathComponent("out.ts"), "pts").count == 25)
    }
  }

  /// A camera's G.711 over a pipe, as MPEG-TS cannot hold it and mp4 may not.
  @Test func soundOfAPipe() throws {
    try TestData.withTemporaryFolder { folder in
      guard try makeSource("pcm_alaw", in: folder) else { return }
      let result = try shell(
        "cat in.mkv | fovea annotate - out.ts --top 0 --every 100 --model \(tinyModel)", in: folder)
      try #require(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("it becomes aac"))
      #expect(abs(try sound("out.ts", in: folder).onset - 1) < 0.06)
    }
  }

  /// Text subtitles become what the container holds; where it holds none that is said.
  @Test(arguments: ["subrip", "ass", "webvtt"], ["mp4", "mov", "mkv", "webm", "ts", "avi"])
  func aSubtitleInEachContainer(codec: String, container: String) throws {
    try TestData.withTemporaryFolder { folder in
      let text = "1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("s.srt"))
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=3", "-i", "s.srt", "-map", "0", "-map", "1", "-c:v",
          "mpeg2video",
          "-c:s", codec, "in.mkv",
        ], in: folder)
      let encoder = container == "webm" ? ["--codec", "libvpx"] : []
      let result = try annotate(["in.mkv", "out.\(container)", "--top", "0", "--every", "100"] + encoder, in: folder)
      try #require(result.status == 0, "\(result.errors)")
      if ["ts", "avi"].contains(container) {
        #expect(result.errors.contains("goes without it"), "\(result.errors)")
        return
      }
      let found = try run(
        "ffmpeg", ["-v", "error", "-i", "out.\(container)", "-map", "0:s:0", "-f", "srt", "-"], in: folder)
      #expect(found.text.contains("00:00:01,0") && found.text.contains("Hello there"), "\(found.text)")
    }
  }
}
