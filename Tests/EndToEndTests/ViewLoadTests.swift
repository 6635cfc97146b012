import Foundation
import TestSupport
import Testing

/// `fovea view` under many requests. `make soak` does the same for minutes.
@Suite struct ViewLoadTests {
  private struct Visit: Sendable {
    let method: String, path: String
    /// It has no end: the client goes away after a few parts.
    let isStream: Bool
  }

  /// Every documented route, which a test compares with the server's own.
  private func visits(_ layer: String) throws -> [Visit] {
    let file = TestData.root.appendingPathComponent("Docs/openapi.json")
    let api = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let paths = try #require(api["paths"] as? [String: [String: Any]])
    var queries = ["/v1/patches": "?layer=\(layer)&unit=1", "/v1/patches.jpg": "?layer=\(layer)&unit=1"]
    queries["/v1/watch"] = "?layer=\(layer)&unit=0&explain=deconvnet&health=1"
    queries["/snapshot.npz"] = "?layer=\(layer)"
    return paths.keys.sorted().flatMap { path in
      (paths[path] ?? [:]).keys.sorted().map { method in
        Visit(
          method: method.uppercased(), path: path.replacing("{value}", with: layer) + (queries[path] ?? ""),
          isStream: ["/v1/watch", "/stream.mjpg", "/v1/events"].contains(path))
      }
    }
  }

  /// The status of the answer; of a stream, after some of its bytes.
  private static func pay(_ visit: Visit, port: Int) -> Int {
    guard let client = RawClient(port: port) else { return 0 }
    let body = visit.method == "POST" ? #"{"pause": false}"# : ""
    let headers =
      body.isEmpty
      ? "" : "X-Fovea: 1\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    client.ask(visit.path, port: port, method: visit.method, headers: headers, body: body)
    var answer = client.hear()
    if visit.isStream { for _ in 0..<3 { answer += client.hear() } } else { answer += client.hearBytes() }
    return Int(String(decoding: answer.prefix(12).suffix(3), as: UTF8.self)) ?? 0
  }

  /// What the process holds once it holds no more than `before` again, or after 15 s: closing
  /// connections and their threads takes a moment.
  private func rest(_ view: ViewProcess, before: ProcessUse) throws -> ProcessUse {
    for _ in 0..<300 {
      let use = try ProcessUse(of: view.id)
      if use.descriptors <= before.descriptors && use.threads <= before.threads { return use }
      usleep(50_000)
    }
    return try ProcessUse(of: view.id)
  }

  @Test func manyRequestsLeaveNothingBehind() throws {
    let view = try ViewProcess(["synthetic:size=160x120,rate=60", "--model", tinyModel, "--threads", "1"])
    let port = view.port
    let layers = try #require(view.json("/v1/layers")["layers"] as? [[String: Any]])
    let filtered = layers.first { $0["has_filters"] as? Bool == true } ?? layers[0]
    let visits = try visits(try #require(filtered["value"] as? String))
    #expect(visits.count >= 18)
    func round(_ times: Int) {
      DispatchQueue.concurrentPerform(iterations: times) { _ in
        for visit in visits {
          let status = Self.pay(visit, port: port)
          #expect(status == 200, "\(visit.method) \(visit.path)")
        }
      }
    }
    let before = try ProcessUse(of: view.id)
    round(12)
    let warm = try rest(view, before: before)
    round(36)
    let after = try rest(view, before: before)
    print("viewer under load: \(warm), then \(after)")
    let threads = max(before.threads, warm.threads)
    #expect(after.descriptors <= before.descriptors && after.threads <= threads, "\(before); \(warm); \(after)")
    #expect(after.resident < warm.resident + 16 << 10, "\(warm); \(after)")
    #expect(view.stop() == 0)
  }
}
