import Telemetry
import Testing

@Suite struct NearestNameTests {
  @Test func typingErrorsAreUnderstood() {
    let options = ["overwrite", "format", "layer", "layout", "codec", "crf"]
    #expect(nearestName(to: "overwirte", among: options) == "overwrite")
    #expect(nearestName(to: "formt", among: options) == "format")
    #expect(nearestName(to: "LAYOUT", among: options) == "layout")
    #expect(nearestName(to: "over", among: options) == "overwrite")
    #expect(nearestName(to: "xyzzy", among: options) == nil)
    #expect(nearestName(to: "", among: options) == nil)
    #expect(suggestion(for: "codex", among: options) == "; did you mean 'codec'?")
    #expect(suggestion(for: "zebra", among: options) == "")
  }
}
