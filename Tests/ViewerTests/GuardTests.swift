import Testing

@testable import Viewer

/// Every rule of `RequestGuard` lets the right request pass and refuses the wrong one.
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

  @Test func changingRequestsNeedTheHeader() {
    #expect(status(request("POST", "/v1/control", [:])) == 403)
    #expect(status(request("POST", "/v1/control", ["x-fovea": "1"])) == nil)
  }

  @Test(arguments: ["/../etc/passwd", "/a/../b", "\\windows", "/a\\b", "/a\u{1}b", "relative"])
  func strangePathsAreRefused(path: String) { #expect(status(request("GET", path, [:])) == 400) }

  @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json"])
  func aBodyThatIsNotJSONIsRefused(type: String?) throws {
    var request = request("POST", "/v1/control", ["x-fovea": "1"])
    request.headers["content-type"] = type
    request.body = Array("{}".utf8)
    let answer = try #require(RequestGuard(HTTPServerOptions(), port: 8600).refusal(request))
    #expect(answer.status == 415 && sentence(answer).contains("Content-Type: application/json"))
  }

  @Test(arguments: ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"])
  func aBodyOfJSONPasses(type: String) {
    var request = request("POST", "/v1/control", ["x-fovea": "1", "content-type": type])
    request.body = Array("{}".utf8)
    #expect(status(request) == nil)
  }

  private func sentence(_ answer: HTTPResponse) -> String {
    if case .bytes(let bytes) = answer.body { return String(decoding: bytes, as: UTF8.self) }
    return ""
  }

  /// The answer of a server that listens beyond this machine to a request with this host name and the right token.
  private func openStatus(_ host: String, allowed: [String] = []) -> HTTPResponse? {
    var options = HTTPServerOptions()
    (options.host, options.token, options.allowedHosts) = ("0.0.0.0", "secret", allowed)
    let names = HostNames(options, port: 8600, machine: "attic.example")
    return RequestGuard(names, token: "secret").refusal(
      request("GET", "/v1/state", host: host, ["authorization": "Bearer secret"]))
  }

  @Test(arguments: [
    "192.168.1.7", "192.168.1.7:8600", "10.0.0.1:80", "[fe80::1]", "[2001:db8::7]:8600", "localhost:8600", "attic",
    "attic:8600", "ATTIC.local:8600", "attic.example:8600", "cam.example",
  ])
  func beyondThisMachineAddressesAndItsNamesPass(host: String) {
    #expect(openStatus(host, allowed: ["cam.example"]) == nil)
  }

  @Test(arguments: [
    "evil.example", "evil.example:8600", "192.168.1.7.evil.example:8600", "192.168.1", "0x7f000001:8600", "[evil]:8600",
    "[fe80::1]evil", "192.168.1.7:port", "192.168.1.7:99999", "attic.evil", "",
  ])
  func beyondThisMachineNoForeignNamePasses(host: String) throws {
    let answer = try #require(openStatus(host))
    #expect(answer.status == 421 && sentence(answer).contains("--allow-host"))
  }

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
