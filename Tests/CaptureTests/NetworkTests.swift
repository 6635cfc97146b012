import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// A listening socket on the loopback interface that may send some bytes and then nothing more.
final class SilentServer: Sendable {
  let port: UInt16
  private let socket: Int32

  /// `greeting` is sent to each client; then the connection is closed, or stays open until `stop`.
  init(greeting: Data = Data(), closes: Bool = false) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 4) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard bound else { throw UserError("no port for the test") }
    (self.socket, port) = (socket, UInt16(bigEndian: address.sin_port))
    let thread = Thread {
      while true {
        let peer = accept(socket, nil, nil)
        guard peer >= 0 else { return }
        greeting.withUnsafeBytes { bytes in
          var sent = 0
          while sent < bytes.count {
            let count = send(peer, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            if count <= 0 { break }
            sent += count
          }
        }
        if closes { close(peer) }
      }
    }
    thread.start()
  }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }
}

@Suite struct NetworkTests {
  private func stream(_ folder: URL) throws -> Data {
    try Data(
      contentsOf: Reference.make(
        folder.appendingPathComponent("a.ts"), "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2 -c:v mpeg2video"))
  }

  @Test func readsFromTheNetwork() throws {
    try TestData.withTemporaryFolder { folder in
      let server = try SilentServer(greeting: stream(folder), closes: true)
      defer { server.stop() }
      let decoded = try decode("tcp://127.0.0.1:\(server.port)")
      let whole = try decode(folder.appendingPathComponent("a.ts").path)
      #expect(decoded.info.isLive && decoded.times == whole.times && decoded.samples == whole.samples)
    }
  }

  /// As `annotate` reads a stream: its own time stamps, and its end.
  @Test func aStreamThatMayComeBackIsReadAsItIs() throws {
    try TestData.withTemporaryFolder { folder in
      let server = try SilentServer(greeting: stream(folder), closes: true)
      defer { server.stop() }
      let address = try SourceAddress("tcp://127.0.0.1:\(server.port)")
      let decoded = try decode(SteadySource(address, options: SourceOptions(), showsOutages: false))
      let whole = try decode(folder.appendingPathComponent("a.ts").path)
      #expect(decoded.times == whole.times && decoded.samples == whole.samples)
      #expect(decoded.format.timeBase == whole.format.timeBase)
    }
  }

  @Test func silenceEndsWithASentence() throws {
    let server = try SilentServer()
    defer { server.stop() }
    var options = SourceOptions()
    options.timeout = 0.3
    for scheme in ["tcp", "http", "rtsp"] {
      let error = #expect(throws: UserError.self) {
        try openSource(SourceAddress("\(scheme)://127.0.0.1:\(server.port)/x"), options: options)
      }
      #expect(error?.description.contains("no answer in 0.3 s") == true, "\(String(describing: error))")
    }
  }

  @Test func silenceInMidStreamEndsWithASentence() throws {
    try TestData.withTemporaryFolder { folder in
      let server = try SilentServer(greeting: stream(folder))
      defer { server.stop() }
      var options = SourceOptions()
      options.timeout = 1
      let error = #expect(throws: UserError.self) { try decode("tcp://127.0.0.1:\(server.port)", options) }
      #expect(error?.description.contains("no data for 1.0 s") == true, "\(String(describing: error))")
    }
  }

  @Test func interruptEndsABlockedOpening() throws {
    let server = try SilentServer()
    defer { server.stop() }
    var options = SourceOptions()
    options.timeout = 1000
    let interruption = options.interruption
    Thread { interruption.request() }.start()
    let error = #expect(throws: UserError.self) {
      try openSource(SourceAddress("tcp://127.0.0.1:\(server.port)"), options: options)
    }
    #expect(error?.description.contains("interrupted") == true)
  }

  @Test func interruptEndsABlockedRead() throws {
    try TestData.withTemporaryFolder { folder in
      let server = try SilentServer(greeting: stream(folder))
      defer { server.stop() }
      var options = SourceOptions()
      options.timeout = 1000
      let interruption = options.interruption
      let source = try openSource(SourceAddress("tcp://127.0.0.1:\(server.port)"), options: options)
      let frame = Frame(source.format)
      var count = 0
      while try source.read(into: frame) {
        count += 1
        if count == 10 { Thread { interruption.request() }.start() }
      }
      #expect(count >= 10)
    }
  }

  @Test func nothingListens() throws {
    let server = try SilentServer()
    server.stop()
    let error = #expect(throws: UserError.self) { try openSource(SourceAddress("tcp://127.0.0.1:\(server.port)")) }
    #expect(error?.description.contains("nothing listens at this address") == true)
  }
}
