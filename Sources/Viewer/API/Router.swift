import Foundation
import Telemetry

/// One route of the server: how it is asked for, and what answers.
struct Route {
  /// As in `GET`.
  let method: String
  /// As in `/v1/layers/{value}/activations.npy`.
  let pattern: String
  /// Gets the part of the path that stands for `{…}`.
  let answer: @Sendable (LiveViewer, HTTPRequest, String) throws -> HTTPResponse

  /// What `{…}` stands for in this path; nil when the path is another one.
  func match(_ path: String) -> String? { PathPattern.part(of: path, in: pattern) }
}

/// Patterns of paths, as in `/v1/layers/{value}/activations.npy`.
package enum PathPattern {
  /// What `{…}` stands for in this path, empty for a pattern without it; nil when the path is another one.
  package static func part(of path: String, in pattern: String) -> String? {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern.firstIndex(of: "}") else {
      return path == pattern ? "" : nil
    }
    let (head, tail) = (pattern[..<open], pattern[pattern.index(after: close)...])
    guard path.count > head.count + tail.count, path.hasPrefix(head), path.hasSuffix(tail) else { return nil }
    return String(path.dropFirst(head.count).dropLast(tail.count))
  }
}

extension LiveViewer {
  /// The answer to a request: the page's files, the API, the streams.
  package func answer(_ request: HTTPRequest) -> HTTPResponse {
    let method = request.method == "HEAD" ? "GET" : request.method
    if method == "GET", let file = PageFiles.response(for: request.path) { return file }
    for route in RouteTable.all where route.method == method {
      guard let part = route.match(request.path) else { continue }
      return .answering { try route.answer(self, request, part) }
    }
    let methods = RouteTable.methods(at: request.path)
    guard !methods.isEmpty else { return .error(404, "there is nothing at \(request.path)") }
    let allowed = methods.joined(separator: ", ")
    var answer = HTTPResponse.error(
      405, "\(request.path) does not answer to \(RequestGuard.shown(request.method)), only to \(allowed)")
    answer.headers.append(("Allow", allowed))
    return answer
  }
}

/// What a request names is not there.
package struct NotThere: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

extension HTTPResponse {
  /// What `body` gives; an error becomes an answer: 404 for what is not there, else 400.
  package static func answering(_ body: () throws -> HTTPResponse) -> HTTPResponse {
    do {
      return try body()
    } catch let error as NotThere {
      return .error(404, error.description)
    } catch {
      return .error(400, "\(error)")
    }
  }

  /// `{"error": "A sentence."}`.
  package static func error(_ status: Int, _ sentence: String) -> HTTPResponse {
    let text = sentence.hasSuffix(".") || sentence.hasSuffix("?") ? sentence : sentence + "."
    do { return try .json(["error": text], status: status) } catch {
      return HTTPResponse(status: status, type: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
    }
  }

  /// A value as JSON.
  package static func json(_ value: some Encodable, status: Int = 200) throws -> HTTPResponse {
    HTTPResponse(status: status, type: "application/json", body: .bytes(Array(try JSONText.data(value))))
  }

  /// Plain text.
  package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, type: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
  }

  /// A picture.
  package static func jpeg(_ bytes: [UInt8]) -> HTTPResponse { HTTPResponse(type: "image/jpeg", body: .bytes(bytes)) }
}
