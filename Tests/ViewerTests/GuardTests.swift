import Testing

@testable import Viewer

/// Who may ask: every rule lets the right request pass and refuses the wrong one.
@Suite struct GuardTests {
  private func request(
    _ method: String = "GET", _ path: String = "/v1/state", host: String? = "127.0.0.1:8600",
    _ headers: [String: String] = [:], query: [String: String] = [:]
  ) -> HTTPRequest {
    var headers = headers
    headers["host"] = host
    return HTTPRequest(method: method, path: path, query: query, headers: headers)
  }

  private func status(_ request: HTTPRequest, _ change: (inout HTTPServerOptions) -> Void = { _ in }) -> Int? {
    var options = HTTPServerOptions()
    change(&options)
    return RequestGuard(options, port: 8600).refusal(request)?.status
  }

  @Test(arguments: ["127.0.0.1:8600", "localhost:8600", "LOCALHOST", "[::1]:8600"])
  func itsOwnNamesPass(host: String) { #expect(status(request(host: host)) == nil) }

  @Test(arguments: ["evil.example", "127.0.0.1:80", "127.0.0.1.evil.example:8600", ""])
  func otherNamesAreRefused(host: String) { #expect(status(request(host: host)) == 421) }

  @Test func aRequestWithoutAHostIsRefused() { #expect(status(request(host: nil)) == 421) }

  @Test func anAllowedNamePasses() {
    #expect(status(request(host: "cam.example")) { $0.allowedHosts = ["cam.example"] } == nil)
  }

  @Test func onlyItsOwnOriginPasses() {
    #expect(status(request(["origin": "http://127.0.0.1:8600"])) == nil)
    #expect(status(request(["origin": "http://evil.example"])) == 403)
    #expect(status(request(["origin": "null"])) == 403)
    #expect(status(request(["sec-fetch-site": "cross-site"])) == 403)
    #expect(status(request("GET", "/", ["sec-fetch-site": "cross-site"])) == nil)
  }

  private func request(_ headers: [String: String]) -> HTTPRequest { request("GET", "/v1/state", headers) }
  private func request(_ method: String, _ path: String, _ headers: [String: String]) -> HTTPRequest {
    request(method, path, host: "127.0.0.1:8600", headers)
  }

  @Test func whatChangesSomethingNeedsTheHeader() {
    #expect(status(request("POST", "/v1/control", [:])) == 403)
    #expect(status(request("POST", "/v1/control", ["x-fovea": "1"])) == nil)
  }

  @Test(arguments: ["/../etc/passwd", "/a/../b", "\\windows", "/a\\b", "/a\u{1}b", "relative"])
  func strangePathsAreRefused(path: String) { #expect(status(request("GET", path, [:])) == 400) }

  @Test(arguments: ["DELETE", "PUT", "TRACE", "<script>"])
  func otherMethodsAreRefused(method: String) { #expect(status(request(method, "/", [:])) == 405) }

  @Test func aTokenIsNeededWhereThereIsOne() {
    let secret = HTTPToken.generate()
    func withToken(_ options: inout HTTPServerOptions) { options.token = secret }
    #expect(status(request([:]), withToken) == 401)
    #expect(status(request(["authorization": "Bearer \(secret)"]), withToken) == nil)
    #expect(status(request(["authorization": "Bearer \(secret)x"]), withToken) == 401)
    #expect(status(request(["cookie": "a=b; fovea=\(secret)"]), withToken) == nil)
    #expect(status(request("GET", "/", host: "127.0.0.1:8600", query: ["token": secret]), withToken) == 303)
    #expect(status(request("GET", "/", host: "127.0.0.1:8600", query: ["token": "wrong"]), withToken) == 401)
    #expect(status(request("GET", "/v1/state", host: "127.0.0.1:8600", query: ["token": secret]), withToken) == 401)
  }

  @Test func tokensAreLongAndDiffer() {
    #expect(HTTPToken.generate().count == 43)
    #expect(HTTPToken.generate() != HTTPToken.generate())
  }
}
