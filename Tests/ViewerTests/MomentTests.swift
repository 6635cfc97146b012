import Foundation
import Frames
import Models
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Viewer

/// A camera that is there but gives no picture until it is interrupted.
private final class SilentSource: FrameSource {
  let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48)
  let info = SourceInfo(name: "silent", isLive: true)
  let counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?
  private let over = DispatchSemaphore(value: 0)

  func interrupt() { over.signal() }

  func read(into frame: Frame) throws -> Bool {
    over.wait()
    return false
  }
}

extension LiveTests {
  /// The numbers of an archive's array.
  private func numbers(_ archive: [UInt8], _ name: String) throws -> [Int] {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.npz")
      try Data(archive).write(to: file)
      let tensor = try NpzReader(file.path).tensor(name)
      return withExtendedLifetime(tensor) { Array(tensor.view.elements(as: Int.self)) }
    }
  }

  /// What is on a screen can be had as numbers and as text while the camera goes on.
  @Test func whatAStreamWasSentCanBeAskedFor() throws {
    try withViewer { viewer in
      let stream = WatchStream(try viewer.settings([:]), live: viewer)
      defer { stream.close() }
      var shown: Int?
      for _ in 0..<300 where shown == nil {
        shown = try stream.next().flatMap { try Message($0) }?.json["frame"] as? Int
      }
      let frame = try #require(shown)
      let before = viewer.loop.numbers.frames.captured
      for _ in 0..<400 where viewer.loop.numbers.frames.captured < before + 20 { usleep(2000) }
      let query = ["frame": "\(frame)"]
      let (status, archive) = get(viewer, "/snapshot.npz", query)
      #expect(status == 200)
      #expect(try numbers(archive, "frame") == [frame])
      #expect(try numbers(archive, "saliency_frame") == [frame])
      #expect(try json(viewer, "/v1/top", query)["frame"] as? Int == frame)
      #expect(get(viewer, "/snapshot.jpg", query).status == 200)
      #expect(get(viewer, "/snapshot.jpg", ["frame": "99999999"]).status == 404)
      #expect(get(viewer, "/snapshot.npz", ["frame": "first"]).status == 400)
    }
  }

  @Test func whilePausedAllIsOfTheFrameThatIsShown() throws {
    try withViewer { viewer in
      let stream = WatchStream(try viewer.settings([:]), live: viewer)
      defer { stream.close() }
      try settle(viewer)
      var shown: Int?
      for _ in 0..<20 {
        guard let message = try stream.next().flatMap({ try Message($0) }) else { break }
        shown = message.json["frame"] as? Int ?? shown
        if message.blobs.isEmpty, shown != nil { break }
      }
      let frame = try #require(shown)
      let layer = try #require(viewer.loop.network.layers.last { $0.watchable && $0.height > 1 })
      for query in [[:], ["frame": "\(frame)"]] {
        let (status, archive) = get(viewer, "/snapshot.npz", query.merging(["layer": layer.value]) { $1 })
        #expect(status == 200)
        #expect(try numbers(archive, "frame") == [frame])
        #expect(try json(viewer, "/v1/top", query)["frame"] as? Int == frame)
      }
    }
  }

  @Test func askingForTheTopClassesMovesOnWithoutWatchers() throws {
    try withViewer { viewer in
      let frames = try (0..<4).map { _ in try #require(json(viewer, "/v1/top")["frame"] as? Int) }
      #expect(frames == Array(Set(frames)).sorted(), "each answer is of a later frame")
      #expect(viewer.board.watcherCount == 0)
    }
  }

  /// Every stream hears of another camera or model, whichever viewer chose it.
  @Test func aChoiceIsToldToEveryViewer() throws {
    let options: (inout LiveOptions) -> Void = {
      $0.cameras = [("one", { MovingSource("one") }), ("two", { MovingSource("two", width: 96) })]
      $0.models = [("first", { try tinyModel() }), ("second", { try tinyModel() })]
    }
    try withViewer(MovingSource("one"), options) { viewer in
      let stream = WatchStream(try viewer.settings([:]), live: viewer)
      defer { stream.close() }
      func told(_ key: String, _ value: String) throws -> Bool {
        for _ in 0..<300 {
          if try stream.next().flatMap({ try Message($0) })?.json[key] as? String == value { return true }
        }
        return false
      }
      #expect(try told("chosen_camera", "one") && told("chosen_model", "first"))
      #expect(post(viewer, #"{"camera": "two"}"#) == 200)
      #expect(try told("chosen_camera", "two"))
      #expect(post(viewer, #"{"model": "second"}"#) == 200)
      #expect(try told("chosen_model", "second"))
    }
  }

  /// Viewers that still watch a layer of the network before see the picture until they ask for another layer.
  @Test func aReplacedModelsLayersAreNotMissed() throws {
    let other = TestData.root.appendingPathComponent("Samples/Model/fovea-default.onnx").path
    try withViewer(
      model: try Model.load(path: other), { $0.models = [("a", { try tinyModel() }), ("tiny", { try tinyModel() })] }
    ) {
      viewer in
      let stream = WatchStream(
        try viewer.settings(["layer": "stem", "unit": "0", "explain": "guided-backprop", "saliency_layer": "pair.1"]),
        live: viewer)
      defer { stream.close() }
      #expect(post(viewer, #"{"model": "tiny"}"#) == 200)
      let name = viewer.loop.network.name
      var shown: Message?
      for _ in 0..<300 where shown == nil {
        shown = try stream.next().flatMap { try Message($0) }.flatMap { $0.json["model"] as? String == name ? $0 : nil }
      }
      #expect(try #require(shown).blobs["picture"] != nil && shown?.blobs["mosaic"] == nil)
    }
  }

  @Test func aCameraWithoutPicturesIsNotLive() throws {
    try withViewer(SilentSource()) { viewer in
      let stream = WatchStream(try viewer.settings([:]), live: viewer)
      defer { stream.close() }
      let message = try #require(try stream.next().flatMap { try Message($0) })
      #expect(message.json["status"] as? String == "waiting")
      #expect(try json(viewer, "/v1/state")["status"] as? String == "waiting")
    }
  }

  /// The addresses that the documents show answer as they stand, with the network that comes with the program.
  @Test func theDocumentedAddressesWork() throws {
    let network = TestData.root.appendingPathComponent("Samples/Model/fovea-default.onnx").path
    try withViewer(model: try Model.load(path: network)) { viewer in
      var count = 0
      for document in ["Docs/HTTP.md", "README.md"] {
        let text = try String(contentsOf: TestData.root.appendingPathComponent(document), encoding: .utf8)
        for match in text.matches(of: /127\.0\.0\.1:8600(\/[^\s'`<>)]+)/) {
          let parts = match.1.split(separator: "?", maxSplits: 1).map(String.init)
          let pairs = parts.dropFirst().flatMap { $0.split(separator: "&") }.map {
            $0.split(separator: "=").map(String.init)
          }
          let query = Dictionary(pairs.map { ($0[0], $0[1]) }) { $1 }
          let path = parts[0].replacing("VALUE", with: "stem.sum")
          guard RouteTable.methods(at: path).contains("GET") else { continue }
          count += 1
          let answer = viewer.answer(HTTPRequest(method: "GET", path: path, query: query))
          if case .stream(let stream) = answer.body { stream.close() }
          #expect(answer.status == 200, "\(match.0)")
        }
      }
      #expect(count > 10)
    }
  }
}
