import Telemetry

/// Every route but the page's files. `Docs/openapi.json` describes the same ones; a test compares.
enum RouteTable {
  /// The methods that a path answers to; none for a path without a route.
  static func methods(at path: String) -> [String] {
    let found = Set(all.filter { $0.match(path) != nil }.map(\.method) + (PageFiles.has(path) ? ["GET"] : []))
    return found.sorted().flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }
  }

  static let all: [Route] = [
    Route(method: "GET", pattern: "/v1/state") { viewer, _, _ in try .json(StateReport(viewer)) },
    Route(method: "GET", pattern: "/v1/model") { viewer, _, _ in try .json(ModelReport(viewer)) },
    Route(method: "GET", pattern: "/v1/layers") { viewer, _, _ in try .json(["layers": viewer.loop.network.layers]) },
    Route(method: "GET", pattern: "/v1/layers/{value}/activations.npy") { viewer, _, value in
      HTTPResponse(type: "application/x-npy", body: .bytes(try viewer.activations(of: value)))
    },
    Route(method: "GET", pattern: "/v1/layers/{value}/filters.jpg") { viewer, _, value in
      guard let bytes = try viewer.filters(of: value) else {
        throw NotThere("the layer '\(value)' has no filters that look at colours")
      }
      return .jpeg(bytes)
    },
    Route(method: "GET", pattern: "/v1/top") { viewer, request, _ in
      try .json(viewer.top(request.query))
    },
    Route(method: "GET", pattern: "/v1/events") { viewer, request, _ in
      HTTPResponse(
        type: "text/event-stream", body: .stream(EventStream(try viewer.settings(request.query), live: viewer)))
    },
    Route(method: "GET", pattern: "/v1/patches") { viewer, request, _ in
      try .json(PatchReport(viewer.patches(request.query)))
    },
    Route(method: "GET", pattern: "/v1/patches.jpg") { viewer, request, _ in
      .jpeg(try PatchSheet.jpeg(viewer.patches(request.query).patches))
    },
    Route(method: "GET", pattern: "/v1/watch") { viewer, request, _ in
      HTTPResponse(
        type: "application/vnd.fovea.watch",
        body: .stream(WatchStream(try viewer.settings(request.query), live: viewer)))
    },
    Route(method: "GET", pattern: "/stream.mjpg") { viewer, request, _ in
      HTTPResponse(
        type: "multipart/x-mixed-replace; boundary=\(MJPEGStream.boundary)",
        body: .stream(MJPEGStream(try viewer.pictureSettings(request.query), live: viewer)))
    },
    Route(method: "GET", pattern: "/snapshot.jpg") { viewer, request, _ in
      .jpeg(try viewer.picture(request.query))
    },
    Route(method: "GET", pattern: "/snapshot.npz") { viewer, request, _ in
      HTTPResponse(
        type: "application/zip", headers: [("Content-Disposition", "attachment; filename=\"fovea.npz\"")],
        body: .bytes(try viewer.archive(request.query)))
    },
    Route(method: "POST", pattern: "/v1/control") { viewer, request, _ in
      try viewer.control(request.body)
      return try .json(StateReport(viewer))
    },
    Route(method: "GET", pattern: "/healthz") { _, _, _ in .text("ok\n") },
    Route(method: "GET", pattern: "/readyz") { viewer, _, _ in
      viewer.board.latest == nil ? .text("waiting for the first picture\n", status: 503) : .text("ready\n")
    },
    Route(method: "GET", pattern: "/metrics") { viewer, _, _ in
      HTTPResponse(
        type: "text/plain; version=0.0.4; charset=utf-8", body: .bytes(Array(MetricFamily.text(viewer.metrics).utf8)))
    },
  ]
}
