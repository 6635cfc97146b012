/// Where muxed bytes go.
enum Destination {
  case file(String)
  /// Standard output.
  case pipe
  case network(String, scheme: String)

  /// How messages name it.
  var name: String {
    switch self {
    case .file(let path): path
    case .pipe: "standard output"
    case .network(let url, _): url
    }
  }

  /// Somebody watches while it is written.
  var isLive: Bool { if case .network = self { true } else { false } }
}
