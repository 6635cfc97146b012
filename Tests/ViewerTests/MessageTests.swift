import Testing

@testable import Viewer

@Suite struct MessageTests {
  @Test func aRequestHoldsWhatItIsGiven() {
    #expect(HTTPRequest(method: "GET", path: "/").query.isEmpty)
  }
}
