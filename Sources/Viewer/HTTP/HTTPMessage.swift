/// What a client asked for, checked by the server: the origin is right, the sizes are within the limits.
package struct HTTPRequest: Sendable {
  /// In capitals, as in `GET`.
  package var method: String
  /// Decoded, beginning with a slash.
  package var path: String
  /// Decoded; the first of each name counts.
  package var query: [String: String] = [:]
  /// By lower-case name.
  package var headers: [String: String] = [:]
  package var body: [UInt8] = []
}

/// A body that is made while it is sent. Each connection has a thread of its own, which calls `next`.
package protocol HTTPStream: AnyObject, Sendable {
  /// The next bytes; waits for them, a second at most: an empty array when there are none yet. Nil at the end.
  func next() -> [UInt8]?
  /// The bytes that `next` gave before have nearly left this machine, so many seconds after they were given.
  func left(after seconds: Double)
  /// The connection is gone; nothing is asked any more.
  func close()
}

extension HTTPStream {
  /// Most streams need not know.
  package func left(after seconds: Double) {}
}

/// The answer to a request.
package struct HTTPResponse: Sendable {
  /// Bytes that are there already, or a stream that goes on.
  package enum Body: Sendable {
    case bytes([UInt8])
    case stream(any HTTPStream)
    /// A part of an open file: so many bytes from the offset on. The server closes it.
    case file(descriptor: Int32, offset: Int, count: Int)
  }

  /// As in 200.
  package var status = 200
  package var type: String
  /// Beyond those that the server adds itself.
  package var headers: [(name: String, value: String)] = []
  package var body: Body

  /// An answer with these bytes.
  package init(
    status: Int = 200, type: String, headers: [(name: String, value: String)] = [], body: Body
  ) {
    (self.status, self.type, self.headers, self.body) = (status, type, headers, body)
  }
}
