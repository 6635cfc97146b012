import CMicroHTTPD
import Foundation
import Synchronization
import Telemetry

/// A small HTTP/1.1 server over libmicrohttpd: a thread for each connection.
package final class HTTPServer: @unchecked Sendable {
  // Safety: `daemon` is atomic; all else is constant.

  package let port: Int
  /// The secret that a request must bring; nil where none is needed.
  package var token: String? { options.token }
  let options: HTTPServerOptions
  let guardian: RequestGuard
  let handler: @Sendable (HTTPRequest) -> HTTPResponse
  let deadlines: RequestDeadlines
  /// The daemon's address; 0 once it is stopped.
  private let daemon = Atomic<UInt>(0)
  private let isEnding = Atomic<Bool>(false)

  /// Listens from now on, until `stop`. `handler` is called by any number of threads.
  /// - Throws: a sentence when the address cannot be had, or would be open to strangers.
  /// - Parameter socket: one that listens already, as systemd passes it; nil: one is made.
  package init(
    _ options: HTTPServerOptions, socket: Int32? = nil, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws {
    guard options.isLoopback || options.token?.isEmpty == false else {
      throw UserError("listening on \(options.host) lets others in: a token is needed, see --token.", .usage)
    }
    var bound: Int32 = 0
    let host = options.host == "localhost" ? "127.0.0.1" : options.host
    let descriptor = socket ?? fovea_http_listen(host, Int32(options.port), &bound)
    if let socket { bound = fovea_http_port(socket) }
    guard descriptor >= 0 else { throw Self.failure(options, -descriptor) }
    port = Int(bound)
    (self.options, self.handler) = (options, handler)
    guardian = RequestGuard(options, port: Int(bound))
    let farewell = HTTPResponse.tooSlow(options.requestTime)
    deadlines = RequestDeadlines(seconds: options.requestTime) { descriptor in
      fovea_http_hang_up(descriptor, farewell, farewell.utf8.count)
    }
    let context = Unmanaged.passUnretained(self).toOpaque()
    let made = fovea_http_start(
      descriptor, answerRequest, forgetRequest, noteConnection, context, UInt32(options.maxClients), 24 << 10)
    guard let made else {
      close(descriptor)
      throw UserError("the web server cannot start: too little memory, or too many threads.")
    }
    daemon.store(UInt(bitPattern: made), ordering: .sequentiallyConsistent)
    deadlines.start()
  }

  deinit { stop() }

  var isStopping: Bool { isEnding.load(ordering: .relaxed) }

  /// Closes every connection; returns when the last thread is gone.
  package func stop() {
    isEnding.store(true, ordering: .relaxed)
    let running = daemon.exchange(0, ordering: .sequentiallyConsistent)
    if let pointer = OpaquePointer(bitPattern: running) { MHD_stop_daemon(pointer) }
    deadlines.stop()
  }

  private static func failure(_ options: HTTPServerOptions, _ code: Int32) -> UserError {
    let place = "\(options.host), port \(options.port)"
    switch code {
    case EADDRINUSE:
      return UserError(
        "another program listens on \(place) already; choose another port with --port, or 0 for a free one.")
    case EACCES: return UserError("listening on \(place) is not allowed; ports from 1024 on are, see --port.")
    case EINVAL:
      return UserError("'\(options.host)' is no address to listen on; use 127.0.0.1, ::1 or 0.0.0.0.", .usage)
    case EADDRNOTAVAIL:
      return UserError("this machine has no address \(options.host); 'ip address' lists those it has.")
    default: return UserError("cannot listen on \(place): \(String(cString: strerror(code))).")
    }
  }
}
