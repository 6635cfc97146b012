import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Output

@Suite struct OptionTests {
  private func sentence(_ name: String, _ options: SinkOptions) -> String {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48)
    var text = "no error"
    do {
      try TestData.withTemporaryFolder { folder in
        let sink = try openSink(Destination(name.hasPrefix("/") ? name : "\(folder.path)/\(name)"), options: options)
        try sink.open(format, companions: nil)
        sink.abort()
      }
    } catch { text = "\(error)" }
    return text
  }

  @Test func wrongNamesSuggestTheNearest() {
    #expect(sentence("o.mp4", SinkOptions(codec: "libx246")).contains("did you mean 'libx264'?"))
    #expect(sentence("o.mp4", SinkOptions(format: "mp5")).contains("did you mean 'mp4'?"))
    #expect(sentence("o.mp4", SinkOptions(preset: "veryfats")).contains("did you mean 'veryfast'?"))
    #expect(sentence("o.mp4", SinkOptions(pixelFormat: "yuv420")).contains("did you mean 'yuv420p"))
    #expect(sentence("o.mkvv", SinkOptions()).contains("did you mean .mkv?"))
    #expect(sentence("o", SinkOptions()).contains("name it .mp4, or give --format"))
  }

  @Test func optionsThatDoNotFitAreNamed() {
    #expect(sentence("o.webm", SinkOptions(codec: "libx264")).contains("cannot hold video of the encoder libx264"))
    #expect(sentence("o.mkv", SinkOptions(codec: "ffv1", crf: 20)).contains("ffv1 has no --crf"))
    #expect(sentence("o.mkv", SinkOptions(codec: "ffv1", preset: "slow")).contains("ffv1 has no --preset"))
    #expect(
      sentence("o.mp4", SinkOptions(pixelFormat: "rgb24")).contains("libx264 does not take rgb24; choose yuv420p"))
    #expect(sentence("%d-%d.png", SinkOptions()).contains("more than one number"))
    #expect(sentence("%s.png", SinkOptions()).contains("a % that is no number"))
    #expect(sentence("/tmp", SinkOptions(format: "mp4")) == "/tmp is a folder; name a file in it")
    #expect(sentence("/proc/o.mp4", SinkOptions()).contains("cannot write /proc/o.mp4"))
  }

  @Test func onePictureHoldsOneFrame() throws {
    try TestData.withTemporaryFolder { folder in
      let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48)
      let sink = try openSink(Destination(folder.path + "/o.png"), options: SinkOptions())
      try sink.open(format, companions: nil)
      try sink.write(made(format, 0, pts: 0))
      let error = #expect(throws: UserError.self) { try sink.write(made(format, 1, pts: 1)) }
      #expect(error?.description.contains("o-%05d.png") == true)
    }
  }

  @Test func picturePatterns() throws {
    #expect(try PicturePattern("a/%05d.png").path(12) == "a/00012.png")
    #expect(try PicturePattern("100%%-%d.png").path(123_456) == "100%-123456.png")
    #expect(try PicturePattern("a.png").isSequence == false)
    #expect(try PicturePattern("50%%.png").path(1) == "50%.png")
  }

  @Test func bitRates() throws {
    #expect(try SinkOptions.bitrate("800k") == 800_000)
    #expect(try SinkOptions.bitrate("1.5M") == 1_500_000)
    #expect(try SinkOptions.bitrate("250000") == 250_000)
    for text in ["", "k", "-1", "nan", "1e99", "4 M", "fast"] {
      #expect(throws: UserError.self) { try SinkOptions.bitrate(text) }
    }
  }

  @Test func addressesNeedKnownSchemes() {
    #expect(throws: UserError.self) { try openSink(Destination("rtps://host/x"), options: SinkOptions()) }
    #expect(throws: UserError.self) { try openSink(Destination("-"), options: SinkOptions()) }
    #expect(throws: UserError.self) { try openSink(Destination(""), options: SinkOptions()) }
    #expect(throws: Never.self) { try openSink(Destination("rtsp://127.0.0.1/x"), options: SinkOptions()) }
  }

  @Test func everyFormatHasAMuxerAndAnEncoder() throws {
    for format in OutputFormat.all where format.kind != .null {
      #expect(throws: Never.self, "\(format.names)") { try EncoderChoice.encoder(format.encoder) }
    }
  }
}
