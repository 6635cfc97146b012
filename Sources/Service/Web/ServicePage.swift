import Viewer

/// The service's own page, inside the executable: all cameras, and the events.
enum ServicePage {
  private static let files: [(path: String, type: String, bytes: @Sendable () -> [UInt8])] = [
    ("/cameras.js", "text/javascript; charset=utf-8", { PackageResources.cameras_js }),
    ("/cameras.css", "text/css; charset=utf-8", { PackageResources.cameras_css }),
    ("/", "text/html; charset=utf-8", { PackageResources.cameras_html }),
  ]

  /// The file at this path; the viewer's own for what both pages have.
  static func response(for path: String) -> HTTPResponse? {
    if let file = files.first(where: { $0.path == path }) {
      return HTTPResponse(type: file.type, body: .bytes(file.bytes()))
    }
    return path == "/icon.svg" || path == "/style.css" ? LiveViewer.pageFile(path) : nil
  }
}
