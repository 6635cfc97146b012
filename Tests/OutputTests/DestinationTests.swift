import Telemetry
import Testing

@testable import Output

@Suite struct DestinationTests {
  @Test(arguments: [
    ("-", Destination.pipe), ("null:", .nothing), ("v4l2:/dev/video3", .device("/dev/video3")),
    ("/dev/video3", .device("/dev/video3")), ("out.mp4", .file("out.mp4")), ("file:out.mp4", .file("out.mp4")),
    ("file://out.mp4", .file("out.mp4")), ("1:2.mp4", .file("1:2.mp4")), ("rtsp://host/x", .network("rtsp://host/x")),
  ]) func wordsAreParsedOnce(words: String, destination: Destination) throws {
    #expect(try Destination(words) == destination)
  }

  @Test func nonsenseIsRefusedWithTheNearestScheme() {
    #expect(throws: UserError.self) { try Destination("") }
    let error = #expect(throws: UserError.self) { try Destination("udpp://host/x") }
    #expect(error?.description.contains("did you mean 'udp'?") == true)
  }

  @Test func namesHideSecrets() throws {
    #expect(try Destination("rtmp://joe:secret@host/x").displayName == "rtmp://…@host/x")
  }
}
