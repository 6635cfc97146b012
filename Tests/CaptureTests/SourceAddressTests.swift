import Foundation
import Telemetry
import TestSupport
import Testing

@testable import Capture

@Suite struct SourceAddressTests {
  @Test(arguments: [
    ("-", SourceAddress.standardInput), ("pipe:0", .standardInput),
    ("synthetic:size=64x48", .synthetic("size=64x48")),
    ("/dev/video3", .camera("/dev/video3")), ("v4l2:/dev/video3", .camera("/dev/video3")),
    ("file:///dev/video3", .camera("/dev/video3")), ("camera:Logitech", .camera("Logitech")),
    ("clip.mp4", .file("clip.mp4")), ("file:clip.mp4", .file("clip.mp4")), ("file://clip.mp4", .file("clip.mp4")),
    ("1:2.mp4", .file("1:2.mp4")), ("frames/%05d.png", .imageSequence("frames/%05d.png")),
    ("file:frames/*.png", .imageGlob("frames/*.png")), ("RTSP://host/x", .network("RTSP://host/x")),
  ]) func wordsAreParsedOnce(words: String, address: SourceAddress) throws {
    #expect(try SourceAddress(words) == address)
  }

  @Test func nonsenseIsRefused() {
    for words in ["", "gopher://host/x"] { #expect(throws: UserError.self) { try SourceAddress(words) } }
  }

  @Test func onlyCamerasAndStreamsAreLive() throws {
    for words in ["rtsp://h/x", "UDP://h:1", "/dev/video0", "http://h/axis-cgi/mjpg/video.cgi"] {
      #expect(try SourceAddress(words).isLive, "\(words)")
    }
    for words in ["http://h/x.mp4", "-", "clip.mp4", "synthetic:"] {
      #expect(try !SourceAddress(words).isLive, "\(words)")
    }
  }

  @Test func sourcesThatLoseNothingCanWait() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("clip.mkv").path
      let pipe = folder.appendingPathComponent("pipe").path
      try Data([0]).write(to: URL(fileURLWithPath: path))
      #expect(mkfifo(pipe, 0o600) == 0)
      for words in [path, "file:\(path)", "synthetic:"] { #expect(try SourceAddress(words).canWait, "\(words)") }
      for words in [pipe, "-", "rtsp://h/x", "http://h/x.mp4", "/dev/video0"] {
        #expect(try !SourceAddress(words).canWait, "\(words)")
      }
    }
  }

  @Test func filesOfAPatternAreFound() throws {
    try TestData.withTemporaryFolder { folder in
      for name in ["1.png", "2.png", "other.txt"] {
        try Data([0]).write(to: folder.appendingPathComponent(name))
      }
      let found = ["\(folder.path)/1.png", "\(folder.path)/2.png"]
      #expect(try SourceAddress("\(folder.path)/%d.png").files == found)
      #expect(try SourceAddress("\(folder.path)/*.png").files == found)
      #expect(try SourceAddress("file:\(found[0])").files == [found[0]])
      #expect(try SourceAddress("rtsp://h/x").files.isEmpty)
    }
  }

  @Test func namesHideSecrets() throws {
    #expect(try SourceAddress("rtsp://joe:secret@host/x").displayName == "rtsp://…@host/x")
    #expect(try SourceAddress("-").displayName == "standard input")
    #expect(try SourceAddress("v4l2:/dev/video3").displayName == "/dev/video3")
    #expect(try SourceAddress("a.PNG").isPicture && !SourceAddress("a.mp4").isPicture)
  }
}
