import Capture
import Foundation
import Imaging
import Pipeline
import Inference
import Output
import Telemetry
import TestSupport
import Testing

@testable import Settings
@testable import fovea

/// What the words of a command line become.
@Suite struct ArgumentTests {
  private func annotate(_ words: String...) throws -> ParsedArguments {
    try parse(["in.mp4"] + words, for: AnnotateCommand.spec)
  }

  @Test func withoutWordsTheDefaultsHold() throws {
    let arguments = try annotate()
    #expect(arguments[AnnotateCommand.input] == .file("in.mp4") && arguments[AnnotateCommand.output] == nil)
    #expect(arguments[AnnotateCommand.top] == OverlayStyle().topCount)
    #expect(SaliencyArguments.style(arguments, colors: AnnotateCommand.heat) == HeatStyle())
    #expect(SaliencyArguments.numbers(arguments) == .init())
    #expect(CameraArguments.wishes(arguments) == CameraWishes())
    let (session, standard) = (EngineArguments.network(arguments), NetworkOptions())
    #expect(session.threads == standard.threads && session.isa == nil && !session.lean)
    #expect(session.precision == standard.precision)
  }

  @Test func besideAnEncoderOneThreadLess() throws {
    let standard = NetworkOptions().threads
    #expect(EngineArguments.network(try annotate(), besideEncoder: true).threads == max(1, standard - 1))
    #expect(EngineArguments.network(try annotate("--threads", "7"), besideEncoder: true).threads == 7)
  }

  @Test func cameraOptionsAreRead() throws {
    let wishes = CameraArguments.wishes(
      try annotate(
        "--resolution", "640x360", "--camera-format", "yuyv", "--desired-fps", "29.97", "--control", "gain=3,focus=auto"
      ))
    #expect(wishes.size.map { [$0.width, $0.height] } == [640, 360])
    #expect(wishes.format == "yuyv" && wishes.rate?.value == 29.97)
    #expect(wishes.controls.map(\.name) == ["gain", "focus"])
  }

  @Test(arguments: [
    ("16", ChannelSelection.automatic(limit: 16)), ("0,5,8-10", .list([0, 5, 8, 9, 10])), ("3-3", .list([3])),
  ]) func channelsAreChosen(words: String, channels: ChannelSelection) throws {
    #expect(try annotate("--channels", words)[AnnotateCommand.channels] == channels)
  }

  @Test(arguments: [
    (["--channels", "5-3"], "'--channels 5-3': a count such as 16"), (["--channels", "-1"], "a count such as 16"),
    (["--resolution", "640x"], "from 1 to 16384 are needed"), (["--control", "gain"], "a name and a value are needed"),
    (["--bitrate", "much"], "such as 800k or 4M"), (["--saliency", "grad-kam"], "did you mean 'grad-cam'?"),
    (["--isa", "avx3"], "did you mean 'avx2'?"), (["gopher://x", "--top", "1"], "cannot send to gopher://"),
  ]) func mistakesAreNamed(words: [String], expected: String) {
    let error = #expect(throws: UserError.self) { try parse(["in.mp4"] + words, for: AnnotateCommand.spec) }
    #expect(error?.kind == .usage && error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func aBoxAndAMethodAreRead() throws {
    let arguments = try parse(["a.jpg", "--box", "640x480+10+20", "--method", "rise,all"], for: ExplainCommand.spec)
    #expect(arguments[ExplainCommand.box] == Rect(x: 10, y: 20, width: 640, height: 480))
    #expect(arguments[ExplainCommand.method] == ["rise", "all"])
    #expect(throws: UserError.self) { try parse(["a.jpg", "--box", "0x480+10+20"], for: ExplainCommand.spec) }
    #expect(throws: UserError.self) { try parse(["a.jpg", "--method", "none"], for: ExplainCommand.spec) }
  }

  @Test func qualityIsGivenInOneWayOnly() throws {
    let options = try OutputArguments.sink(try annotate("--bitrate", "4M", "-f", "mkv", "-y"))
    #expect(options.bitrate == 4_000_000 && options.format == "mkv" && options.overwrite && !options.copiesCompanions)
    #expect(throws: UserError.self) { try OutputArguments.sink(annotate("--bitrate", "4M", "--crf", "20")) }
  }
}

/// Which files a job reads and writes.
@Suite struct FileNameTests {
  @Test(arguments: [
    ("clips/walk.mkv", "walk-seen.mp4"), ("file:cat.JPG", "cat-seen.png"), ("-", "fovea-seen.mp4"),
    ("rtsp://host/walk.mkv", "fovea-seen.mp4"), ("frames/%d.png", "fovea-seen.mp4"), ("1:2.mp4", "1:2-seen.mp4"),
    ("/dev/video0", "fovea-seen.mp4"),
  ]) func outputsAreNamedByInputs(words: String, name: String) throws {
    #expect(try SourceAddress(words).outputName(suffix: "seen") == name)
  }

  @Test func twoOutputsAreNotOneFile() throws {
    #expect(throws: UserError.self) { try refuseSharedNames(["a.mp4", "./a.mp4"]) }
    #expect(throws: Never.self) { try refuseSharedNames(["a.mp4", "a.json", "/dev/null", "/dev/null", "-", "-"]) }
  }

  @Test func aFileIsItselfUnderAllItsNames() throws {
    try TestData.withTemporaryFolder { folder in
      let (file, link) = ("\(folder.path)/a", "\(folder.path)/b")
      try Data([1]).write(to: URL(fileURLWithPath: file))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
      #expect(identities([file, link, "\(folder.path)/missing"], .file(file)).count == 1)
    }
  }

  @Test func aModelIsReadWithItsSidecar() throws {
    func model(_ words: String...) throws -> ModelArguments {
      try ModelArguments(parse(["a", "-m", "nets/x.onnx"] + words, for: AnnotateCommand.spec))
    }
    #expect(try model().files == ["nets/x.onnx", "nets/x.toml"] && model().name == "x")
    #expect(try model("--sidecar", "y.toml").files == ["nets/x.onnx", "y.toml"])
  }
}
