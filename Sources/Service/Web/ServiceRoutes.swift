import Foundation
import Telemetry
import Viewer

/// One route of the service's own, beside those of each camera's viewer, which answers below `/cameras/NAME/`.
struct ServiceRoute: Sendable {
  /// As in `GET`.
  let method: String
  /// As in `/v1/events/{id}`.
  let pattern: String
  let answer: @Sendable (Service, HTTPRequest, String) throws -> HTTPResponse

  /// What `{…}` stands for in this path; nil when the path is another one.
  func match(_ path: String) -> String? {
    // Of `/v1/events/7/clip` the part is 7, by another pattern, and not `7/clip`.
    PathPattern.part(of: path, in: pattern).flatMap { $0.contains("/") ? nil : $0 }
  }
}

/// Every route of the service itself.
enum ServiceRoutes {
  static let all: [ServiceRoute] = [
    ServiceRoute(method: "GET", pattern: "/v1/cameras") { service, _, _ in
      try .json(["cameras": service.cameras.map(CameraReport.init)])
    },
    ServiceRoute(method: "GET", pattern: "/v1/service") { service, _, _ in try .json(ServiceReport(service)) },
    ServiceRoute(method: "GET", pattern: "/v1/events") { service, request, _ in
      try .json(["events": service.events.store.events(EventStore.Query(request.query))])
    },
    ServiceRoute(method: "GET", pattern: "/v1/events/{id}") { service, _, id in try .json(service.event(id)) },
    ServiceRoute(method: "DELETE", pattern: "/v1/events/{id}") { service, _, id in
      try service.remove(service.event(id))
      return try .json(["removed": id])
    },
    ServiceRoute(method: "POST", pattern: "/v1/events/{id}") { service, request, id in
      try .json(service.change(service.event(id), request.body))
    },
    ServiceRoute(method: "GET", pattern: "/v1/events/{id}/clip") { service, request, id in
      try service.file(service.event(id).clip, "clip", request)
    },
    ServiceRoute(method: "GET", pattern: "/v1/events/{id}/snapshot.jpg") { service, request, id in
      try service.file(service.event(id).snapshot, "snapshot", request)
    },
    ServiceRoute(method: "GET", pattern: "/v1/events/{id}/heat.jpg") { service, request, id in
      try service.file(service.event(id).heat, "heat map", request)
    },
    ServiceRoute(method: "GET", pattern: "/v1/recordings") { service, request, _ in
      try .json(["recordings": service.recordings(of: request.query["camera"])])
    },
    ServiceRoute(method: "GET", pattern: "/v1/recording") { service, request, _ in
      try service.recording(request.query["name"] ?? "", request)
    },
    ServiceRoute(method: "GET", pattern: "/healthz") { _, _, _ in .text("ok\n") },
    ServiceRoute(method: "GET", pattern: "/readyz") { service, _, _ in service.readiness },
    ServiceRoute(method: "GET", pattern: "/metrics") { service, _, _ in
      HTTPResponse(
        type: "text/plain; version=0.0.4; charset=utf-8",
        body: .bytes(Array(MetricFamily.text(service.metrics).utf8)))
    },
  ]
}

extension Service {
  /// The answer to a request: the pages, a camera's viewer, or a route of the service.
  package func answer(_ request: HTTPRequest) -> HTTPResponse {
    if request.path.hasPrefix("/cameras/") { return answerOfCamera(request) }
    let method = request.method == "HEAD" ? "GET" : request.method
    if method == "GET", let file = ServicePage.response(for: request.path) { return file }
    let found = ServiceRoutes.all.filter { $0.match(request.path) != nil }
    guard !found.isEmpty else { return .error(404, "there is nothing at \(request.path)") }
    guard let route = found.first(where: { $0.method == method }), let part = route.match(request.path) else {
      let allowed = found.map(\.method).joined(separator: ", ")
      var answer = HTTPResponse.error(405, "\(request.path) only answers to \(allowed)")
      answer.headers.append(("Allow", allowed))
      return answer
    }
    return .answering { try route.answer(self, request, part) }
  }

  /// `/cameras/NAME/…` is what the camera's viewer has at `/…`.
  private func answerOfCamera(_ request: HTTPRequest) -> HTTPResponse {
    let rest = request.path.dropFirst("/cameras/".count)
    let name = String(rest.prefix { $0 != "/" })
    guard let camera = camera(name) else {
      return .error(404, "there is no camera '\(name)'\(suggestion(for: name, among: cameras.map(\.name)))")
    }
    let path = String(rest.dropFirst(name.count))
    // The page names its files beside itself.
    guard !path.isEmpty else {
      return HTTPResponse(
        status: 308, type: "text/plain", headers: [("Location", "/cameras/\(name)/")], body: .bytes([]))
    }
    guard let viewer = camera.viewer else {
      return .error(503, "the camera \(name) gives no picture: \(camera.problem ?? "it is being opened")")
    }
    var inner = request
    inner.path = path
    return viewer.answer(inner)
  }
}
