import CMicroHTTPD
import Foundation
import Telemetry

/// Feeds a stream to a connection: asks for the next part only when the one before is nearly gone, so that what a slow client
/// gets is fresh.
final class StreamFeeder {
  private let stream: any HTTPStream
  private let server: HTTPServer
  private let descriptor: Int32
  private var part: [UInt8] = []
  private var sent = 0
  private var given: MonotonicTime?

  /// Unsent bytes below which the next part is made.
  private static let enough = 32 << 10

  init(_ stream: any HTTPStream, server: HTTPServer, connection: OpaquePointer) {
    (self.stream, self.server) = (stream, server)
    descriptor = fovea_http_stream_socket(connection)
  }

  /// Copies the next bytes; how many, or one of libmicrohttpd's ends.
  func read(into buffer: UnsafeMutablePointer<CChar>, _ room: Int) -> Int {
    while sent == part.count {
      guard !server.isStopping, waitForRoom() else { return -1 }
      if let given { stream.left(after: SystemTime().now().seconds(since: given)) }
      guard let next = stream.next() else { return -1 }
      (part, sent) = (next, 0)
      given = next.isEmpty ? nil : SystemTime().now()
    }
    let count = min(room, part.count - sent)
    part.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { memcpy(buffer, base + sent, count) }
    }
    sent += count
    return count
  }

  /// False when the client is gone, or has taken nothing for too long.
  private func waitForRoom() -> Bool {
    var (waits, least) = (0, Int.max)
    while true {
      let unsent = fovea_http_unsent(descriptor)
      guard unsent >= 0, !server.isStopping else { return false }
      if unsent < Self.enough { return true }
      usleep(2000)
      waits = unsent < least ? 0 : waits + 1
      least = min(least, unsent)
      if waits > server.options.timeout * 500 { return false }
    }
  }
}

/// libmicrohttpd's content reader.
func readStream(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ room: Int
) -> Int {
  guard let context, let buffer, room > 0 else { return -1 }
  return Unmanaged<StreamFeeder>.fromOpaque(context).takeUnretainedValue().read(into: buffer, room)
}

/// libmicrohttpd's note that nothing more is read.
func forgetStream(_ context: UnsafeMutableRawPointer?) {
  if let context { Unmanaged<StreamFeeder>.fromOpaque(context).release() }
}
