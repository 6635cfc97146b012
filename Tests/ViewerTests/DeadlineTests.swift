import Foundation
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Viewer

/// A clock that stands still until a test moves it.
private final class HandTime: TimeSource {
  private let moment = Atomic<Int64>(1_000_000_000)
  func now() -> MonotonicTime { MonotonicTime(nanoseconds: moment.load(ordering: .relaxed)) }
  func sleep(until end: MonotonicTime) { moment.store(end.nanoseconds, ordering: .relaxed) }
  func pass(_ seconds: Double) { sleep(until: now().advanced(bySeconds: seconds)) }
}

/// How long a request may take until it is complete.
@Suite struct DeadlineTests {
  @Test func onlyLateConnectionsAreEnded() {
    let ended = Mutex<[Int32]>([])
    let clock = HandTime()
    let deadlines = RequestDeadlines(seconds: 30, clock: clock) { number in ended.withLock { $0.append(number) } }
    deadlines.expect(on: 1)
    deadlines.expect(on: 2)
    clock.pass(20)
    deadlines.expect(on: 3)
    deadlines.complete(on: 2)
    #expect(deadlines.endLate().map { $0.seconds(since: clock.now()) } == 10)
    #expect(ended.withLock { $0 } == [])
    clock.pass(10)
    deadlines.endLate()
    #expect(ended.withLock { $0 } == [1])
    clock.pass(30)
    #expect(deadlines.endLate() == nil)
    #expect(ended.withLock { $0 } == [1, 3])
  }

  private func server(requestTime: Double = 0.5) throws -> HTTPServer {
    var options = HTTPServerOptions()
    (options.port, options.requestTime) = (0, requestTime)
    return try HTTPServer(options) { .text("\($0.method) \($0.path) \($0.body.count)") }
  }

  /// Sends one byte at a time until the server closes the connection.
  private func drip(_ start: String, _ byte: String, to server: HTTPServer) throws -> String {
    let client = try #require(RawClient(port: server.port))
    client.say(start)
    var answer: [UInt8] = []
    for _ in 0..<2000 where answer.isEmpty {
      client.say(byte)
      var part = [UInt8](repeating: 0, count: 65536)
      let count = recv(client.descriptor, &part, part.count, Int32(MSG_DONTWAIT))
      if count == 0 { return "closed" }
      if count > 0 { answer = Array(part.prefix(count)) }
      usleep(10_000)
    }
    return String(decoding: answer + client.hearBytes(), as: UTF8.self)
  }

  @Test(arguments: [
    ("GET /", "a"), ("GET / HTTP/1.1\r\nHost: localhost\r\nX: ", "b"),
    ("POST / HTTP/1.1\r\nHost: localhost\r\nX-Fovea: 1\r\nContent-Length: 9999\r\n\r\n", "c"),
    ("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\nGET /", "d"),
  ])
  func requestsSentByteByByteAreEndedInTime(start: String, byte: String) throws {
    let server = try server()
    defer { server.stop() }
    let answer = try drip(start, byte, to: server)
    if start.contains("/first") {
      #expect(answer.contains("GET /first 0"))
    } else {
      #expect(answer.hasPrefix("HTTP/1.1 408"), "\(answer)")
    }
    #expect(answer.contains("the request was not complete within"), "\(answer)")
    #expect(RawClient.get("/", port: server.port).status == 200)
  }

  /// An answer may take longer than a request may.
  @Test func aConnectionThatIsUsedAgainGetsItsTimeAgain() throws {
    let server = try server(requestTime: 1)
    defer { server.stop() }
    let client = try #require(RawClient(port: server.port))
    for _ in 0..<4 {
      client.say("GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(String(decoding: client.hear(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
      usleep(400_000)
    }
  }
}
