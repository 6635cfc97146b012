import Foundation

/// The names under which a server may be asked. A page of another site can make its own name stand for this machine's address
/// (DNS rebinding), and its browser then takes both for one site: such a page is told by the name in its requests.
struct HostNames: Sendable {
  private let names: Set<String>
  private let takesAddresses: Bool

  /// - Parameters:
  ///   - port: the one that is listened on.
  ///   - machine: this machine's own name; nil where it has none.
  init(_ options: HTTPServerOptions, port: Int, machine: String? = Self.machine) {
    var names = ["localhost", "127.0.0.1", "[::1]"] + options.allowedHosts
    names.append(options.host.contains(":") ? "[\(options.host)]" : options.host)
    if !options.isLoopback, let machine, !machine.isEmpty {
      // As it calls itself, without its domain, and as multicast DNS calls it.
      let short = machine.prefix { $0 != "." }
      names += [machine, String(short), "\(short).local"]
    }
    // With the port, and alone: a proxy in front leaves its own port out.
    self.names = Set(names.map { $0.lowercased() }.flatMap { [$0, "\($0):\(port)"] })
    takesAddresses = !options.isLoopback
  }

  /// Whether a request with this `Host` header is meant for this server. A server that is reached from
  /// elsewhere takes any numeric address with any port, because a page cannot make an address stand for another machine.
  func contains(_ host: String) -> Bool {
    let host = host.lowercased()
    return names.contains(host) || takesAddresses && Self.isAddress(host)
  }

  /// An IPv4 address, or an IPv6 address in brackets, with a port or without.
  static func isAddress(_ host: String) -> Bool {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
      var bytes = in6_addr()
      let text = String(host[host.index(after: host.startIndex)..<end])
      return isPort(host[host.index(after: end)...]) && inet_pton(AF_INET6, text, &bytes) == 1
    }
    var bytes = in_addr()
    let text = host.prefix { $0 != ":" }
    return isPort(host[text.endIndex...]) && inet_pton(AF_INET, String(text), &bytes) == 1
  }

  /// Nothing, or a colon and a number.
  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
  }

  /// What this machine calls itself.
  static var machine: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
