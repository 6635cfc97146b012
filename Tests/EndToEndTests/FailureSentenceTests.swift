import Foundation
import TestSupport
import Testing

/// What FFmpeg refuses is said as what happened and what to do, by what was tried.
@Suite struct FailureSentenceTests {
  private struct Case: CustomTestStringConvertible, Sendable {
    let arguments: String
    let says: [String]
    let status: Int32
    var testDescription: String { arguments }

    init(_ arguments: String, _ says: String..., status: Int32 = 1) {
      (self.arguments, self.says, self.status) = (arguments, says, status)
    }
  }

  private static let outputs = [
    Case("out.mkv --codec h261", "it does not take pictures of this size", "Valid sizes are 176x144"),
    Case("out.mkv --codec vc2", "it does not take these pictures", "--codec"),
    Case("out.mkv --codec rv10", "even matroska cannot hold rv10", "--codec"),
    Case("out.mov --codec libvpx", "a file of format mov cannot hold video of the encoder libvpx", ".mkv", status: 2),
    Case("out.mov --codec libvpx-vp9", "a file of format mov cannot hold video of the encoder libvpx-vp9", status: 2),
    Case("out.mov --codec libaom-av1", "a file of format mov cannot hold video of the encoder libaom-av1", status: 2),
    Case("out.gif --codec bmp", "a file of format gif cannot hold", ".mkv", status: 2),
    Case("out.mp4 --codec libx264 --bitrate 1", "one of the options"),
    Case("out.mp4 --codec h264_nvenc", "it encodes on hardware that is not here", "--codec"),
    Case("out.mp4 --codec h264_qsv", "it encodes on hardware that is not here", "--codec"),
    Case("out.mp4 --codec h264_vaapi", "it encodes on hardware that is not here", "--codec"),
    Case("rtmp://nosuch.invalid/live", "the host is not known", "check the address"),
    Case("udp://nosuch.invalid:9", "the host is not known", "check the address"),
    Case("tcp://127.0.0.1:1 --format mpegts", "nothing listens at this address"),
  ]

  @Test(arguments: outputs) private func anOutput(_ one: Case) throws {
    try TestData.withTemporaryFolder { folder in
      let words = one.arguments.split(separator: " ").map(String.init)
      if let codec = words.firstIndex(of: "--codec").map({ words[$0 + 1] }) {
        let known = try text(of: ["ffmpeg", "-v", "error", "-h", "encoder=\(codec)"])
        guard known.contains("Encoder \(codec)") else { return }
      }
      let result = try annotate(["synthetic:size=64x48,rate=25,frames=3"] + words, in: folder)
      expectRefusal(result, status: one.status, saying: one.says)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  /// The encoder is closed before it got a picture.
  @Test func anEncoderThatGotNothingIsLeft() throws {
    guard try text(of: ["ffmpeg", "-v", "error", "-h", "encoder=libsvtav1"]).contains("Encoder libsvtav1") else {
      return
    }
    let source = "synthetic:size=128x96,rate=25,frames=3"
    let result = try shell(
      "timeout -k 1 60 fovea annotate \(source) tcp://127.0.0.1:1 --format matroska --codec libsvtav1 --model \(tinyModel)"
    )
    #expect(result.status == 1 && result.errors.contains("nothing listens at this address"), "\(result.errors)")
  }

  @Test(arguments: [
    Case("http://nosuch.invalid/a.mp4", "the host is not known", "check the address"),
    Case("rtsp://nosuch.invalid/a", "the host is not known", "check the address"),
    Case("http://127.0.0.1:1/a.mp4", "nothing listens at this address"),
    Case("http://127.0.0.1:99999/a.mp4", "the address makes no sense"),
  ]) private func anAddress(_ one: Case) throws {
    try TestData.withTemporaryFolder { folder in
      expectRefusal(try annotate([one.arguments, "out.mp4"], in: folder), status: 1, saying: one.says)
    }
  }

  /// The same at each run: some noise looks like sound.
  private static let noise =
    "head -c 300000 /dev/zero | openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 000102030405060708090a0b0c0d0e0f"

  @Test(arguments: [
    Case("head -c 3000 end.mp4", "an mp4 or mov whose index lies at its end", "faststart"),
    Case("true", "nothing came through it"),
    Case("echo hello", "is not a video or image that FFmpeg knows", "--input-format"),
    Case(noise, "is not a video or image that FFmpeg knows", "--input-format"),
  ]) private func aPipe(_ one: Case) throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(["-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-pix_fmt", "yuv420p", "end.mp4"], in: folder)
      let result = try shell("\(one.arguments) | fovea annotate - out.mp4 --model \(tinyModel)", in: folder)
      expectRefusal(result, status: 1, saying: ["standard input"] + one.says)
    }
  }
}
