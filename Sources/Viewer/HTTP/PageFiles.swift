/// The page, inside the executable.
enum PageFiles {
  /// Each file: its path, its media type, its bytes.
  static let all: [(path: String, type: String, bytes: @Sendable () -> [UInt8])] = [
    ("/app.js", "text/javascript; charset=utf-8", { PackageResources.app_js }),
    ("/bars.js", "text/javascript; charset=utf-8", { PackageResources.bars_js }),
    ("/controls.js", "text/javascript; charset=utf-8", { PackageResources.controls_js }),
    ("/drawing.js", "text/javascript; charset=utf-8", { PackageResources.drawing_js }),
    ("/health.js", "text/javascript; charset=utf-8", { PackageResources.health_js }),
    ("/icon.svg", "image/svg+xml", { PackageResources.icon_svg }),
    ("/index.html", "text/html; charset=utf-8", { PackageResources.index_html }),
    ("/inspector.js", "text/javascript; charset=utf-8", { PackageResources.inspector_js }),
    ("/keys.js", "text/javascript; charset=utf-8", { PackageResources.keys_js }),
    ("/layout.js", "text/javascript; charset=utf-8", { PackageResources.layout_js }),
    ("/mosaic.js", "text/javascript; charset=utf-8", { PackageResources.mosaic_js }),
    ("/numbers.js", "text/javascript; charset=utf-8", { PackageResources.numbers_js }),
    ("/picture.js", "text/javascript; charset=utf-8", { PackageResources.picture_js }),
    ("/snapshot.js", "text/javascript; charset=utf-8", { PackageResources.snapshot_js }),
    ("/state.js", "text/javascript; charset=utf-8", { PackageResources.state_js }),
    ("/stream.js", "text/javascript; charset=utf-8", { PackageResources.stream_js }),
    ("/strip.js", "text/javascript; charset=utf-8", { PackageResources.strip_js }),
    ("/style.css", "text/css; charset=utf-8", { PackageResources.style_css }),
  ]

  /// The file at this path; `/` is the page.
  static func response(for path: String) -> HTTPResponse? {
    file(path).map { HTTPResponse(type: $0.type, body: .bytes($0.bytes())) }
  }

  /// There is a file at this path.
  static func has(_ path: String) -> Bool { file(path) != nil }

  private static func file(_ path: String) -> (path: String, type: String, bytes: @Sendable () -> [UInt8])? {
    let wanted = path == "/" ? "/index.html" : path
    return all.first { $0.path == wanted }
  }
}
