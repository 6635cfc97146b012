import CMicroHTTPD
import Foundation

/// One request on its way, from its first line to its answer's last byte.
private final class Exchange {
  var body: [UInt8] = []
  /// Bytes of the body, those that were thrown away too.
  var received = 0
  var stream: (any HTTPStream)?
}

/// libmicrohttpd's access handler: called when the headers are there, for each part of a body, and at its end.
func answerRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
  _ size: UnsafeMutablePointer<Int>?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let path, let method, let size, let state else { return .NO }
  let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  guard let known = state.pointee else {
    state.pointee = Unmanaged.passRetained(Exchange()).toOpaque()
    return .YES
  }
  let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
  if size.pointee > 0, let data {
    exchange.received += size.pointee
    // A body that is too long is read to its end, so that the client gets the answer; a far longer one is cut off.
    if exchange.received > 16 * server.options.maxBodyBytes { return .NO }
    if exchange.received <= server.options.maxBodyBytes {
      data.withMemoryRebound(to: UInt8.self, capacity: size.pointee) {
        exchange.body.append(contentsOf: UnsafeBufferPointer(start: $0, count: size.pointee))
      }
    }
    size.pointee = 0
    return .YES
  }
  server.deadlines.complete(on: fovea_http_socket(connection))
  let request = HTTPRequest(
    method: String(cString: method), path: String(cString: path), query: values(connection, .GET_ARGUMENT_KIND),
    headers: values(connection, .HEADER_KIND, isLowerCase: true), body: exchange.body)
  let answer =
    exchange.received > server.options.maxBodyBytes
    ? HTTPResponse.error(413, "the request is too long; \(server.options.maxBodyBytes) bytes are taken")
    : server.guardian.refusal(request) ?? server.handler(request)
  if case .stream(let stream) = answer.body { exchange.stream = stream }
  return send(answer, on: connection, of: server)
}

/// libmicrohttpd's note that a request is over, however it ended.
func forgetRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  guard let known = state?.pointee else { return }
  state?.pointee = nil
  let exchange = Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
  exchange.stream?.close()
  guard let context, let connection else { return }
  let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  server.deadlines.expect(on: fovea_http_socket(connection))
}

/// libmicrohttpd's note that a connection begins, or is about to be closed.
func noteConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let context, let connection else { return }
  let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  let descriptor = fovea_http_socket(connection)
  if event == .CONNECTION_NOTIFY_STARTED {
    fovea_http_limit(descriptor, UInt32(server.options.timeout))
    server.deadlines.expect(on: descriptor)
  } else {
    server.deadlines.complete(on: descriptor)
  }
}

/// Header lines or query parts; the first of each name counts.
private func values(_ connection: OpaquePointer, _ kind: MHD_ValueKind, isLowerCase: Bool = false) -> [String: String] {
  final class Found { var all: [String: String] = [:] }
  let found = Found()
  let collect: MHD_KeyValueIterator = { context, _, name, value in
    guard let context, let name else { return .YES }
    let found = Unmanaged<Found>.fromOpaque(context).takeUnretainedValue()
    let key = String(cString: name)
    if found.all[key] == nil { found.all[key] = value.map { String(cString: $0) } ?? "" }
    return .YES
  }
  MHD_get_connection_values(connection, kind, collect, Unmanaged.passUnretained(found).toOpaque())
  guard isLowerCase else { return found.all }
  return Dictionary(found.all.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
}

/// Headers of every answer: the page loads nothing from elsewhere, and other sites load nothing from here.
private let standardHeaders: [(name: String, value: String)] = [
  (
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; media-src 'self'; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  ),
  ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
  ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
]

extension HTTPResponse {
  /// What is said to a client whose request takes too long, before the connection is closed: a whole answer as it is sent.
  static func tooSlow(_ seconds: Double) -> String {
    let words = HTTPResponse.error(408, "the request was not complete within \(Int(seconds.rounded(.up))) s")
    guard case .bytes(let body) = words.body else { return "" }
    let head = ["HTTP/1.1 408 Request Timeout", "Content-Type: \(words.type)", "Content-Length: \(body.count)"]
    let safety = standardHeaders.map { "\($0.name): \($0.value)" }
    return (head + safety + ["Connection: close", "", ""]).joined(separator: "\r\n")
      + String(decoding: body, as: UTF8.self)
  }
}

private func send(
  _ answer: HTTPResponse, on connection: OpaquePointer, of server: HTTPServer
) -> MHD_Result {
  let response: OpaquePointer?
  switch answer.body {
  case .bytes(let bytes):
    response = bytes.withUnsafeBytes {
      MHD_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
    }
  case .file(let descriptor, let offset, let count):
    response = MHD_create_response_from_fd_at_offset64(UInt64(count), descriptor, UInt64(offset))
    if response == nil { close(descriptor) }
  case .stream(let stream):
    let feeder = StreamFeeder(stream, server: server, connection: connection)
    response = MHD_create_response_from_callback(
      .max, 256 << 10, readStream, Unmanaged.passRetained(feeder).toOpaque(), forgetStream)
  }
  guard let response else { return .NO }
  defer { MHD_destroy_response(response) }
  // An answer without its safety headers must not go out.
  let isComplete = (standardHeaders + answer.headers + [("Content-Type", answer.type)]).allSatisfy {
    MHD_add_response_header(response, $0.name, $0.value) == .YES
  }
  guard isComplete else { return .NO }
  return MHD_queue_response(connection, UInt32(answer.status), response)
}
