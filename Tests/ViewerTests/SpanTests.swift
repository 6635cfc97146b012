import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Viewer

/// How long the spans of a frame take, and where frames are dropped.
@Suite struct SpanTests {
  @Test func takingTheNewestPassesOverThoseBefore() {
    let passed = PassedOver()
    passed.note(from: 0, to: 40)
    passed.note(from: 40, to: 41)
    #expect(passed.count == 0)
    passed.note(from: 41, to: 45)
    #expect(passed.count == 3)
  }

  @Test func spansAreToldApart() {
    let meters = SpanMeters()
    for value in 1...100 { meters.note(.encode, seconds: Double(value) / 1000) }
    meters.note(.inference, seconds: 0.004)
    #expect(
      meters.latest == [
        "capture": 0, "queue": 0, "preprocess": 0, "inference": 4, "saliency": 0, "encode": 100, "send": 0,
      ])
    #expect(meters.quantile(0.5)["encode"] == 51 && meters.quantile(0.99)["encode"] == 100)
  }

  private func state(_ viewer: LiveViewer) throws -> [String: Any] {
    guard case .bytes(let bytes) = viewer.answer(HTTPRequest(method: "GET", path: "/v1/state")).body else { return [:] }
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test(arguments: ["/v1/watch", "/stream.mjpg"]) func aSlowStreamsDropsAndTimesAreCounted(path: String) throws {
    try withViewer { viewer in
      let answer = viewer.answer(HTTPRequest(method: "GET", path: path))
      guard case .stream(let stream) = answer.body else { throw NotThere("no stream") }
      defer { stream.close() }
      func next() throws { while try #require(stream.next()).count < 500 {} }
      try next()
      let number = try #require(viewer.board.latest).number
      var shown = number
      for _ in 0..<100 where shown < number + 6 { shown = viewer.board.next(after: shown)?.number ?? shown }
      try next()
      stream.left(after: 0.0125)
      let state = try state(viewer)
      let drops = try #require(state["drops"] as? [String: Int])
      #expect(Set(drops.keys) == ["capture", "analyse", "publish", "record"])
      #expect(try #require(drops["publish"]) >= 5 && drops["record"] == 0 && drops["capture"] == 0)
      let latest = try #require(state["timing"] as? [String: Double])
      #expect(Set(latest.keys) == Set(Span.live.map(\.rawValue)))
      #expect(latest["send"] == 12.5)
      let median = try #require(state["timing_p50"] as? [String: Double])
      for span in ["capture", "preprocess", "inference", "encode", "send"] {
        #expect(median[span] ?? 0 > 0, "\(span)")
      }
      #expect(state["timing_p99"] is [String: Double])
      let metrics = MetricFamily.text(viewer.metrics)
      let buckets = try ["0.01", "0.025", "+Inf"].map { limit in
        let match = try #require(
          try Regex(
            "fovea_stage_seconds_bucket\\{stage=\"send\",le=\"\(NSRegularExpression.escapedPattern(for: limit))\"\\} ([0-9]+)"
          ).firstMatch(in: metrics))
        return try #require(match.output[1].substring.flatMap { Int($0) })
      }
      #expect(buckets[0] < buckets[1] && buckets[1] <= buckets[2], "\(buckets)")
      #expect(metrics.contains("fovea_dropped_frames_total{stage=\"publish\"} \(drops["publish"] ?? 0)"))
      #expect(metrics.contains("fovea_dropped_frames_total{stage=\"analyse\"} "))
    }
  }

  @Test func aMessageTellsItsOwnTimes() throws {
    try withViewer { viewer in
      let stream = WatchStream(try viewer.settings([:]), live: viewer)
      defer { stream.close() }
      stream.left(after: 0.003)
      for _ in 0..<300 {
        guard let message = try Message(try #require(stream.next())), !message.blobs.isEmpty else { continue }
        let spans = try #require(message.json["timing"] as? [String: Double])
        let expected = ["capture", "queue", "preprocess", "inference", "saliency", "encode", "send"]
        #expect(Set(spans.keys) == Set(expected))
        #expect(spans["send"] == 3 && spans["encode"] ?? 0 > 0)
        return
      }
      Issue.record("no message came")
    }
  }

  /// A stream of three parts that are larger than what the kernel holds, which remembers when they had left.
  private final class Watched: HTTPStream {
    let clientReads = Atomic<Bool>(false)
    /// For each part that has left: whether the client had begun to read.
    let departures = Mutex<[Bool]>([])
    let isAsked = DispatchSemaphore(value: 0)
    private let made = Atomic<Int>(0)
    func next() -> [UInt8]? {
      isAsked.signal()
      return made.add(1, ordering: .relaxed).newValue > 3 ? nil : [UInt8](repeating: 46, count: 8_000_000)
    }
    func left(after seconds: Double) {
      #expect(seconds > 0)
      departures.withLock { $0.append(clientReads.load(ordering: .relaxed)) }
    }
    func close() {}
  }

  /// A part has left when the client has it, not when the server was given it.
  @Test func sendingIsMeasured() throws {
    let stream = Watched()
    var options = HTTPServerOptions()
    options.port = 0
    let server = try HTTPServer(options) { _ in HTTPResponse(type: "text/plain", body: .stream(stream)) }
    defer { server.stop() }
    let client = try #require(RawClient(port: server.port, receiveBuffer: 4096))
    client.say("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    stream.isAsked.wait()
    stream.clientReads.store(true, ordering: .relaxed)
    while !client.hear().isEmpty {}
    #expect(stream.departures.withLock { $0 } == [true, true, true])
  }
}
