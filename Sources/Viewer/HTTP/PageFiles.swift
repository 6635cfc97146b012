/// The page, inside the executable.
enum PageFiles {
  /// Each file: its path, its media type, its bytes.
  static let all: [(path: String, type: String, bytes: @Sendable () -> [UInt8])] = [
    ("/index.html", "text/html; charset=utf-8", { PackageResources.index_html })
  ]

  /// The file at this path; `/` is the page.
  static func response(for path: String) -> HTTPResponse? {
    let wanted = path == "/" ? "/index.html" : path
    return all.first { $0.path == wanted }.map { HTTPResponse(type: $0.type, body: .bytes($0.bytes())) }
  }
}
