import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Viewer

/// A stream that is silent for a while, as in an outage, then says one word and ends.
private final class Pause: HTTPStream {
  private let asked = Atomic<Int>(0)
  private let silentFor: Int

  init(silentFor: Int) { self.silentFor = silentFor }

  func next() -> [UInt8]? {
    let number = asked.add(1, ordering: .relaxed).newValue
    if number == 1 { return Array("before".utf8) }
    if number > silentFor + 1 { return number == silentFor + 2 ? Array("after".utf8) : nil }
    usleep(100_000)
    return []
  }
  func close() {}
}

/// Large parts, a few of them.
private final class Parts: HTTPStream {
  private let made = Atomic<Int>(0)

  func next() -> [UInt8]? {
    made.add(1, ordering: .relaxed).newValue > 2 ? nil : [UInt8](repeating: 46, count: 300_000)
  }
  func close() {}
}

/// The server where requests and streams go to their limits.
@Suite struct EdgeTests {
  private func server(timeout: Int = 15, _ change: (inout HTTPServerOptions) -> Void = { _ in }) throws -> HTTPServer {
    var options = HTTPServerOptions()
    (options.port, options.timeout) = (0, timeout)
    change(&options)
    return try HTTPServer(options) { request in
      switch request.path {
      case "/pause": return HTTPResponse(type: "text/plain", body: .stream(Pause(silentFor: 25)))
      case "/parts": return HTTPResponse(type: "text/plain", body: .stream(Parts()))
      default: return .text("\(request.method) \(request.path) \(request.body.count)")
      }
    }
  }

  /// A stream that is silent for longer than the server's timeout, as in an outage, is not cut off.
  @Test func aStreamMayBeSilentForLongerThanTheTimeout() throws {
    let server = try server(timeout: 1)
    defer { server.stop() }
    let answer = RawClient.get("/pause", port: server.port).answer
    #expect(answer.contains("before"))
    #expect(answer.contains("after"))
  }

  /// A client that takes a little all the time is slow, not gone.
  @Test func aSlowButSteadyClientIsNotDropped() throws {
    let server = try server(timeout: 1)
    defer { server.stop() }
    let client = try #require(RawClient(port: server.port, receiveBuffer: 4096))
    client.say("GET /parts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    var total = 0
    while true {
      let part = client.hear(4096).count
      if part == 0 { break }
      total += part
      usleep(20_000)
    }
    #expect(total > 600_000)
  }

  @Test(arguments: ["/v1/state%00x", "/%00", "/a?x=%00"]) func aNulInThePathIsRefused(path: String) throws {
    let server = try server()
    defer { server.stop() }
    #expect(RawClient.get(path, port: server.port).status == 400)
  }

  @Test(arguments: ["Content-Length: 10000000000\r\n", "Transfer-Encoding: chunked\r\n"])
  func anEndlessBodyEndsTheConnection(header: String) throws {
    let server = try server()
    defer { server.stop() }
    let client = try #require(RawClient(port: server.port))
    client.say("POST / HTTP/1.1\r\nHost: localhost\r\nX-Fovea: 1\r\n\(header)\r\n")
    let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 65, count: 65536) + [13, 10]
    var sent = 0
    while sent < 1 << 26, client.sends(chunk) { sent += chunk.count }
    #expect(sent < 1 << 26)
    #expect(RawClient.get("/", port: server.port).status == 200)
  }

  @Test func pipelinedRequestsAreAnsweredInTurn() throws {
    let server = try server()
    defer { server.stop() }
    let client = try #require(RawClient(port: server.port))
    let head = " HTTP/1.1\r\nHost: localhost\r\n"
    client.say("GET /one\(head)\r\nGET /two\(head)\r\nGET /three\(head)Connection: close\r\n\r\n")
    let answer = client.hearAll()
    let places = ["GET /one 0", "GET /two 0", "GET /three 0"].map { answer.firstRange(of: $0)?.lowerBound }
    #expect(!places.contains(nil))
    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
  }

  @Test func itListensOnIPv6() throws {
    let server = try server { $0.host = "::1" }
    defer { server.stop() }
    #expect(server.port > 0)
    let request = HTTPRequest(method: "GET", path: "/", headers: ["host": "[::1]:\(server.port)"])
    #expect(RequestGuard(server.options, port: server.port).refusal(request) == nil)
  }
}

extension RawClient {
  /// False when the server takes no more, or has answered already and closed.
  fileprivate func sends(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
  }
}
