/// Who may ask for what: decides on a request before anybody else sees it. No input or output of its own.
struct RequestGuard: Sendable {
  private let hosts: Set<String>
  private let token: String?

  /// - Parameter port: the one that is listened on.
  init(_ options: HTTPServerOptions, port: Int) {
    var names = ["localhost", "127.0.0.1", "[::1]"] + options.allowedHosts
    names.append(options.host.contains(":") ? "[\(options.host)]" : options.host)
    // With the port, and alone: a proxy in front leaves its own port out.
    hosts = Set(names.map { $0.lowercased() }.flatMap { [$0, "\($0):\(port)"] })
    token = options.token
    isOpenAddress = !options.isLoopback
  }

  /// Listening on every address, the name cannot be known; the token then protects what the name protects otherwise.
  private let isOpenAddress: Bool

  /// The answer to a request that is refused, or that only sets the cookie; nil for those that may pass.
  func refusal(_ request: HTTPRequest) -> HTTPResponse? {
    if let bad = malformed(request) { return bad }
    let host = (request.headers["host"] ?? "").lowercased()
    guard hosts.contains(host) || isOpenAddress && token != nil && !host.isEmpty else {
      return .error(
        421, "this server does not answer to the name '\(Self.shown(host))'; use its address, or --allow-host")
    }
    if let origin = request.headers["origin"], Self.authority(origin) != host {
      return .error(403, "a page of another origin may not ask this server")
    }
    if request.headers["sec-fetch-site"] == "cross-site", request.path != "/" {
      return .error(403, "a page of another site may not ask this server")
    }
    if let missing = unauthorized(request) { return missing }
    guard request.method != "POST" || request.headers["x-fovea"] == "1" else {
      return .error(403, "a request that changes something needs the header 'X-Fovea: 1'")
    }
    return nil
  }

  private func malformed(_ request: HTTPRequest) -> HTTPResponse? {
    guard ["GET", "HEAD", "POST"].contains(request.method) else {
      return .error(405, "the method \(Self.shown(request.method)) is not known here")
    }
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

  /// What a stranger wrote, as far as it may be repeated.
  private static func shown(_ text: String) -> String {
    String(
      text.unicodeScalars.filter { $0.isASCII && $0.value > 32 && $0 != "<" && $0 != "&" }.prefix(80).map(
        Character.init))
  }
}
