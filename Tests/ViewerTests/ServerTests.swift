import Foundation
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Viewer

/// Numbered parts without end, of 64 KiB each; tells how many were asked for.
private final class Numbers: HTTPStream {
  let made = Atomic<Int>(0)
  let isClosed = Atomic<Bool>(false)

  func next() -> [UInt8]? {
    let number = made.add(1, ordering: .relaxed).newValue
    return Array("[\(number)]".utf8) + [UInt8](repeating: 46, count: 65536)
  }
  func close() { isClosed.store(true, ordering: .relaxed) }
}

/// The server against clients that are slow, silent, rude or many.
@Suite struct ServerTests {
  private func server(
    timeout: Int = 15, stream: Numbers = Numbers(), _ change: (inout HTTPServerOptions) -> Void = { _ in }
  ) throws -> HTTPServer {
    var options = HTTPServerOptions()
    (options.port, options.timeout, options.requestTime) = (0, timeout, min(30, 2 * Double(timeout)))
    change(&options)
    return try HTTPServer(options) { request in
      if request.path == "/numbers" { return HTTPResponse(type: "text/plain", body: .stream(stream)) }
      return .text("\(request.method) \(request.path) \(request.body.count)")
    }
  }

  @Test func anAnswerCarriesTheSafetyHeaders() throws {
    let server = try server()
    defer { server.stop() }
    let (status, answer) = RawClient.get("/a%20b?x=1", port: server.port)
    #expect(status == 200)
    #expect(answer.hasSuffix("GET /a b 0"))
    for header in [
      "Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Cache-Control: no-store",
    ] {
      #expect(answer.contains(header))
    }
  }

  @Test(arguments: [
    "\u{0}\u{1}\u{2}garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    "GET /%zz%01 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
  ])
  func malformedRequestsDoNoHarm(text: String) throws {
    let server = try server(timeout: 1)
    defer { server.stop() }
    let client = try #require(RawClient(port: server.port))
    client.say(text)
    let answer = client.hearAll()
    #expect(!answer.hasPrefix("HTTP/1.1 200"))
    #expect(RawClient.get("/", port: server.port).status == 200)
  }

  @Test func headersAndBodiesHaveLimits() throws {
    let server = try server(timeout: 2)
    defer { server.stop() }
    let huge = "X: \(String(repeating: "a", count: 100_000))\r\n"
    #expect([0, 413, 431].contains(RawClient.get("/", port: server.port, headers: huge).status))
    let body = String(repeating: "b", count: 70_000)
    let json = "X-Fovea: 1\r\nContent-Type: application/json\r\n"
    let headers = "\(json)Content-Length: \(body.count)\r\n"
    #expect(RawClient.get("/", port: server.port, method: "POST", headers: headers, body: body).status == 413)
    let small = "\(json)Content-Length: 3\r\n"
    #expect(
      RawClient.get("/", port: server.port, method: "POST", headers: small, body: "abc").answer.hasSuffix("POST / 3"))
  }

  @Test func aSilentConnectionIsClosed() throws {
    let server = try server(timeout: 1)
    defer { server.stop() }
    let silent = try #require(RawClient(port: server.port))
    let half = try #require(RawClient(port: server.port))
    half.say("GET / HT")
    #expect(silent.hearAll().hasPrefix("HTTP/1.1 408"))
    #expect(!String(decoding: half.hear(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
  }

  @Test func twoHundredClientsAreAnswered() throws {
    let server = try server()
    defer { server.stop() }
    let clients = (0..<200).compactMap { _ in RawClient(port: server.port) }
    #expect(clients.count == 200)
    for client in clients { client.say("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") }
    #expect(clients.allSatisfy { $0.hearAll().hasPrefix("HTTP/1.1 200") })
  }

  /// Parts are made only when the client takes them: no more are made ahead than the sockets hold.
  @Test func aSlowClientHoldsUpNothingAndGetsFreshParts() throws {
    let numbers = Numbers()
    let server = try server(stream: numbers)
    defer { server.stop() }
    let slow = try #require(RawClient(port: server.port, receiveBuffer: 8192))
    slow.say("GET /numbers HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(!slow.hear(1024).isEmpty)
    // Others are served meanwhile.
    for _ in 0..<20 { #expect(RawClient.get("/", port: server.port).status == 200) }
    let made = numbers.made.load(ordering: .relaxed)
    #expect(made < 20)
  }

  @Test func aClientThatGoesAwayEndsItsStream() throws {
    let numbers = Numbers()
    let server = try server(stream: numbers)
    defer { server.stop() }
    do {
      let client = try #require(RawClient(port: server.port))
      client.say("GET /numbers HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _ = client.hear()
    }
    for _ in 0..<1000 where !numbers.isClosed.load(ordering: .relaxed) { usleep(10_000) }
    let isClosed = numbers.isClosed.load(ordering: .relaxed)
    #expect(isClosed)
  }

  @Test func stoppingEndsOpenStreams() throws {
    let server = try server()
    let client = try #require(RawClient(port: server.port))
    client.say("GET /numbers HTTP/1.1\r\nHost: localhost\r\n\r\n")
    _ = client.hear()
    server.stop()
    while !client.hear(1 << 20).isEmpty {}
    #expect(RawClient(port: server.port) == nil)
  }

  @Test func addressesThatCannotBeUsedAreNamed() throws {
    let first = try server()
    defer { first.stop() }
    #expect { _ = try server { $0.port = first.port } } throws: { "\($0)".contains("--port") }
    #expect { _ = try server { ($0.host, $0.token) = ("nowhere", "secret") } } throws: {
      "\($0)".contains("'nowhere' is no address")
    }
    #expect { _ = try server { $0.host = "0.0.0.0" } } throws: { "\($0)".contains("--token") }
  }

  @Test func beyondThisMachineATokenIsNeeded() throws {
    let server = try server { ($0.host, $0.token) = ("0.0.0.0", "secret") }
    defer { server.stop() }
    #expect(RawClient.get("/v1/state", port: server.port).status == 401)
    let rebound = try #require(RawClient(port: server.port))
    rebound.say("GET /v1/state HTTP/1.1\r\nHost: evil.example\r\nCookie: fovea=secret\r\nConnection: close\r\n\r\n")
    #expect(rebound.hearAll().hasPrefix("HTTP/1.1 421"))
    let entered = RawClient.get("/?token=secret", port: server.port)
    #expect(entered.status == 303)
    #expect(entered.answer.contains("Set-Cookie: fovea=secret; HttpOnly; SameSite=Strict"))
    #expect(RawClient.get("/v1/state", port: server.port, headers: "Cookie: fovea=secret\r\n").status == 200)
  }
}
