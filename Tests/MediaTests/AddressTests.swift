import Testing

@testable import Media

@Suite struct AddressTests {
  @Test func filesAreNamedInBothWays() {
    #expect(filePath(ofAddress: "file:a.mp4") == "a.mp4" && filePath(ofAddress: "file:///a.mp4") == "/a.mp4")
    #expect(filePath(ofAddress: "a.mp4") == nil && filePath(ofAddress: "rtsp://file:1") == nil)
  }

  @Test func schemesAreFound() {
    #expect(scheme(of: "RTSP://host/x") == "rtsp" && scheme(of: "git+ssh://x") == "git+ssh")
    for other in ["a.mp4", "C:/a.mp4", "://x", "a b://x", "v4l2:/dev/video0"] { #expect(scheme(of: other) == nil) }
  }

  @Test(arguments: [
    ("rtsp://joe:secret@host/x", "rtsp://…@host/x"), ("rtsp://joe:p@ss@host/x", "rtsp://…@host/x"),
    ("http://host/x?mail=a@b", "http://host/x?mail=a@b"), ("a@b.mp4", "a@b.mp4"),
  ]) func secretsAreHidden(address: String, shown: String) {
    #expect(redacted(address) == shown)
  }
}
