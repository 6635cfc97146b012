import Foundation

/// A plain socket to a server on this machine: says what it is told, in whatever pieces.
package final class RawClient {
  /// The socket.
  package let descriptor: Int32

  /// Connects; nil when nothing listens on the port.
  /// - Parameter receiveBuffer: bytes that the kernel holds for this side.
  package init?(port: Int, receiveBuffer: Int32? = nil) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if status != 0 { return nil }
  }

  deinit { close(descriptor) }

  /// Sends, as far as it is taken.
  package func say(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }
  /// The same with text.
  package func say(_ text: String) { say(Array(text.utf8)) }

  /// What comes, at most `limit` bytes; empty when the connection is closed.
  package func hear(_ limit: Int = 65536) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &buffer, limit, 0)
    return Array(buffer.prefix(max(0, count)))
  }

  /// Everything until the server closes, 16 MB at most.
  package func hearBytes() -> [UInt8] {
    var all: [UInt8] = []
    while all.count < 1 << 24 {
      let part = hear()
      if part.isEmpty { break }
      all += part
    }
    return all
  }

  /// The same as text.
  package func hearAll() -> String { String(decoding: hearBytes(), as: UTF8.self) }

  /// One request on a connection of its own; the status, and the whole answer.
  package static func get(
    _ path: String, port: Int, method: String = "GET", headers: String = "", body: String = ""
  ) -> (status: Int, answer: String) {
    guard let client = RawClient(port: port) else { return (0, "") }
    client.ask(path, port: port, method: method, headers: headers, body: body)
    let answer = client.hearAll()
    return (Int(answer.dropFirst(9).prefix(3)) ?? 0, answer)
  }

  /// Sends a request after whose answer the connection ends.
  package func ask(_ path: String, port: Int, method: String = "GET", headers: String = "", body: String = "") {
    say("\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\(headers)\r\n\(body)")
  }
}
