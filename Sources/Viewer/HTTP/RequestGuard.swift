/// Decides whether a request is answered, before other code sees it. Does no input or output of its own.
struct RequestGuard: Sendable {
  private let hosts: HostNames
  private let token: String?

  /// - Parameter port: the one that is listened on.
  init(_ options: HTTPServerOptions, port: Int) { self.init(HostNames(options, port: port), token: options.token) }

  init(_ hosts: HostNames, token: String?) { (self.hosts, self.token) = (hosts, token) }

  /// The answer to a request that is refused, or that only sets the cookie; nil for those that may pass.
  func refusal(_ request: HTTPRequest) -> HTTPResponse? {
    if let bad = malformed(request) { return bad }
    let host = (request.headers["host"] ?? "").lowercased()
    guard hosts.contains(host) else {
      let name = Self.shown(host)
      return .error(
        421,
        "this server does not answer to the name '\(name)'; use its address, or start it with --allow-host \(name)")
    }
    if let origin = request.headers["origin"], Self.authority(origin) != host {
      return .error(403, "a page of another origin may not ask this server")
    }
    if request.headers["sec-fetch-site"] == "cross-site", request.path != "/" {
      return .error(403, "a page of another site may not ask this server")
    }
    if let missing = unauthorized(request) { return missing }
    guard !["POST", "DELETE"].contains(request.method) || request.headers["x-fovea"] == "1" else {
      return .error(403, "a request that changes something needs the header 'X-Fovea: 1'")
    }
    guard request.body.isEmpty || Self.isJSON(request.headers["content-type"]) else {
      return .error(415, "the request's body must be JSON; say so with the header 'Content-Type: application/json'")
    }
    return nil
  }

  /// A page of another site can send forms and plain text without being asked whether it may, JSON it cannot.
  private static func isJSON(_ type: String?) -> Bool {
    let name = type?.prefix { $0 != ";" }.split(separator: " ").joined()
    return name?.lowercased() == "application/json"
  }

  private func malformed(_ request: HTTPRequest) -> HTTPResponse? {
    let isStrange = request.path.unicodeScalars.contains {
      $0.value < 32 || $0.value == 127 || $0 == "\\" || $0.value == 0xFFFD
    }
    let hasControls = request.query.contains { ($0.key + $0.value).unicodeScalars.contains { $0.value < 32 } }
    guard !hasControls else { return .error(400, "a parameter has a control character") }
    guard request.path.hasPrefix("/"), !isStrange, !request.path.split(separator: "/").contains("..") else {
      return .error(400, "the path is not one of this server's")
    }
    return nil
  }

  private func unauthorized(_ request: HTTPRequest) -> HTTPResponse? {
    guard let token else { return nil }
    if request.path == "/", let given = request.query["token"] {
      guard HTTPToken.areEqual(given, token) else { return Self.stranger }
      return HTTPResponse(
        status: 303, type: "text/plain",
        headers: [("Location", "/"), ("Set-Cookie", "fovea=\(token); HttpOnly; SameSite=Strict; Path=/")],
        body: .bytes([]))
    }
    let bearer = request.headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
    let cookie = request.headers["cookie"]?.split(separator: ";").lazy
      .map { $0.drop { $0 == " " } }.first { $0.hasPrefix("fovea=") }.map { String($0.dropFirst(6)) }
    let isKnown = [bearer, cookie].contains { $0.map { HTTPToken.areEqual($0, token) } ?? false }
    return isKnown ? nil : Self.stranger
  }

  private static var stranger: HTTPResponse {
    .error(401, "a token is needed: open the address that 'fovea view' printed, or send 'Authorization: Bearer TOKEN'")
  }

  /// `host:port` of an origin.
  private static func authority(_ origin: String) -> String? {
    guard let scheme = origin.firstRange(of: "://") else { return nil }
    return origin[scheme.upperBound...].lowercased()
  }

  /// The text of a client, as far as an answer may repeat it.
  static func shown(_ text: String) -> String {
    String(
      text.unicodeScalars.filter { $0.isASCII && $0.value > 32 && $0 != "<" && $0 != "&" }.prefix(80).map(
        Character.init))
  }
}
