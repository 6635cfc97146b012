import Foundation
import Frames
import Inference
import Models
import ONNX
import Synchronization
import Telemetry
import Tensors
import TestSupport
import Testing

@testable import Viewer

/// Pictures whose brightness moves, as fast as they are taken, until it is interrupted.
final class MovingSource: FrameSource {
  let format: FrameFormat
  let info: SourceInfo
  let counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?
  private let isOver = Atomic<Bool>(false)
  private let limit: Int
  private var next = 0
  private let name: String

  init(_ name: String = "moving", width: Int = 64, limit: Int = .max) {
    format = FrameFormat(pixelFormat: .yuv420p, width: width, height: 48)
    info = SourceInfo(name: name, isLive: true)
    (self.limit, self.name) = (limit, name)
  }

  func interrupt() { isOver.store(true, ordering: .relaxed) }

  func read(into frame: Frame) throws -> Bool {
    guard !isOver.load(ordering: .relaxed), next < limit else { return false }
    usleep(2000)
    let buffer = PictureBuffer(format)
    for y in 0..<48 {
      memset(buffer.planes[0].base! + y * buffer.planes[0].stride, Int32((next * 3 + y * 4) % 256), format.width)
    }
    for plane in 1...2 {
      for y in 0..<24 { memset(buffer.planes[plane].base! + y * buffer.planes[plane].stride, 128, format.width / 2) }
    }
    (frame.format, frame.backing, frame.planes) = (format, buffer, buffer.planes)
    (frame.pts, frame.sequence, frame.captureTime) = (Int64(next * 40), UInt64(next), SystemTime().now())
    next += 1
    return true
  }
}

/// A viewer that runs, without a server.
func withViewer<R>(
  _ source: any FrameSource = MovingSource(), model: Model? = nil, _ change: (inout LiveOptions) -> Void = { _ in },
  _ body: (LiveViewer) throws -> R
) throws -> R {
  var options = LiveOptions()
  options.network.threads = 1
  change(&options)
  let viewer = try LiveViewer(source: source, model: model ?? tinyModel(), options: options)
  let group = DispatchGroup()
  group.enter()
  Thread.detachNewThread {
    do { try viewer.run() } catch { Issue.record(error) }
    group.leave()
  }
  defer {
    viewer.stop()
    group.wait()
  }
  return try body(viewer)
}

func tinyModel() throws -> Model {
  try Model.load(path: TestData.tinyModel)
}

/// A message of the watch stream, taken apart.
struct Message {
  let json: [String: Any]
  let blobs: [String: [UInt8]]

  init?(_ bytes: [UInt8]) throws {
    guard bytes.count >= 4 else { return nil }
    let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    json = try #require(try JSONSerialization.jsonObject(with: Data(bytes[4..<4 + length])) as? [String: Any])
    var (at, blobs) = (4 + length, [String: [UInt8]]())
    for blob in try #require(json["blobs"] as? [[String: Any]]) {
      let count = try #require(blob["bytes"] as? Int)
      blobs[try #require(blob["name"] as? String)] = Array(bytes[at..<at + count])
      at += count
    }
    #expect(at == bytes.count)
    self.blobs = blobs
  }
}

@Suite struct LiveTests {
  func get(_ viewer: LiveViewer, _ path: String, _ query: [String: String] = [:]) -> (
    status: Int, bytes: [UInt8]
  ) {
    let answer = viewer.answer(HTTPRequest(method: "GET", path: path, query: query))
    if case .bytes(let bytes) = answer.body { return (answer.status, bytes) }
    return (answer.status, [])
  }

  func json(_ viewer: LiveViewer, _ path: String, _ query: [String: String] = [:]) throws -> [String: Any] {
    let (status, bytes) = get(viewer, path, query)
    #expect(status == 200, "\(path): \(String(decoding: bytes, as: UTF8.self))")
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  /// The first message with pictures that fulfils a condition.
  func message(
    _ viewer: LiveViewer, _ query: [String: String], where isWanted: (Message) -> Bool = { _ in true }
  ) throws -> Message {
    let stream = WatchStream(try viewer.settings(query), live: viewer)
    defer { stream.close() }
    for _ in 0..<300 {
      guard let bytes = stream.next() else { break }
      if let message = try Message(bytes), !message.blobs.isEmpty, isWanted(message) { return message }
    }
    throw NotThere("no such message came")
  }

  func post(_ viewer: LiveViewer, _ body: String) -> Int {
    viewer.answer(HTTPRequest(method: "POST", path: "/v1/control", headers: ["x-fovea": "1"], body: Array(body.utf8)))
      .status
  }

  /// Pauses once a picture was seen, and waits until nothing moves any more.
  func settle(_ viewer: LiveViewer) throws {
    _ = try message(viewer, [:])
    #expect(post(viewer, #"{"pause": true}"#) == 200)
    var before = -1
    for _ in 0..<200 where viewer.loop.numbers.frames.captured != before {
      before = viewer.loop.numbers.frames.captured
      usleep(50_000)
    }
  }

  @Test func aViewerGetsThePictureTheMapsAndTheUnit() throws {
    try withViewer { viewer in
      let layer = try #require(viewer.loop.network.layers.first { $0.kind == .activation && $0.height > 1 })
      let message = try message(viewer, ["layer": layer.value, "unit": "1", "explain": "deconvnet", "health": "1"]) {
        $0.blobs.count == 4 && $0.json["health"] != nil
      }
      #expect(Set(message.blobs.keys) == ["picture", "mosaic", "unit", "unit_explained"])
      for jpeg in message.blobs.values { #expect(jpeg.prefix(2) == [0xFF, 0xD8] && jpeg.suffix(2) == [0xFF, 0xD9]) }
      let layout = try #require(message.json["layer"] as? [String: Any])
      #expect((layout["order"] as? [Int])?.count == layer.channels)
      #expect((message.json["glow"] as? [Double])?.count == viewer.loop.network.layers.count)
      #expect((message.json["saliency"] as? [String: Any])?["method"] as? String == "grad-cam")
    }
  }

  /// The arrays of a snapshot.
  private func snapshot(_ viewer: LiveViewer, _ layer: String) throws -> [String: Tensor] {
    try TestData.withTemporaryFolder { folder in
      let (status, bytes) = get(viewer, "/snapshot.npz", ["layer": layer])
      #expect(status == 200)
      let file = folder.appendingPathComponent("a.npz")
      try Data(bytes).write(to: file)
      let reader = try NpzReader(file.path)
      let names = ["input", "probabilities", "activations", "frame"]
      return try Dictionary(uniqueKeysWithValues: names.map { ($0, try reader.tensor($0)) })
    }
  }

  /// What is sent of a layer is what the network computes of the input that is sent, in a session of its own.
  @Test func theNumbersAreTheNetworks() throws {
    try withViewer { viewer in
      let layer = try #require(viewer.defaults.layer)
      try settle(viewer)
      // A frame that was under way when the pause came may come between the two answers: then both are asked for again.
      var (archive, top) = ([String: Tensor](), [String: Any]())
      for _ in 0..<50 {
        archive = try snapshot(viewer, layer)
        top = try json(viewer, "/v1/top")
        if archive["frame"]?.view.elements(as: Int.self)[0] == top["frame"] as? Int { break }
      }
      let session = try CompiledNetwork(try tinyModel().graph).session(taps: [layer])
      let input = try #require(archive["input"])
      session.inputs[0].view.floats.baseAddress?.update(from: input.view.floats.baseAddress!, count: input.shape.count)
      try session.run()
      let tap = try #require(session.tap(layer))
      #expect(Array(tap.floats) == Array(try #require(archive["activations"]).view.floats))
      let scores = try #require(top["top"] as? [[String: Any]])
      let best = try #require(archive["probabilities"]).view.floats.enumerated().max { $0.element < $1.element }
      #expect(scores[0]["label_id"] as? Int == best?.offset)
    }
  }

  @Test func twoViewersSeeDifferentLayersOfOneRun() throws {
    try withViewer { viewer in
      let layers = viewer.loop.network.layers.filter { $0.watchable && $0.height > 1 }
      let first = WatchStream(try viewer.settings(["layer": layers[0].value]), live: viewer)
      defer { first.close() }
      let second = try message(viewer, ["layer": layers[1].value]) { $0.blobs["mosaic"] != nil }
      #expect((second.json["layer"] as? [String: Any])?["value"] as? String == layers[1].value)
      let latest = try #require(viewer.board.latest)
      #expect(latest.analysis?.layers.map(\.name).sorted() == [layers[0].value, layers[1].value].sorted())
      #expect(viewer.board.watcherCount == 1)
    }
  }

  @Test func equalPicturesAreEncodedOnce() throws {
    try withViewer { viewer in
      try settle(viewer)
      let settings = try viewer.settings([:])
      let snapshot = try viewer.fresh(settings)
      let before = snapshot.encoded.count
      #expect(try viewer.pictures.jpeg(snapshot, settings) == viewer.pictures.jpeg(snapshot, settings))
      #expect(snapshot.encoded.count == before + 1)
    }
  }

  @Test func withoutViewersTheNetworkRests() throws {
    try withViewer { viewer in
      _ = try message(viewer, [:])
      let analysed = viewer.loop.numbers.frames.analysed
      let frames = viewer.loop.numbers.frames.captured
      for _ in 0..<2000 where viewer.loop.numbers.frames.captured < frames + 50 { usleep(5000) }
      // One that was under way when the viewer left may still be counted.
      #expect(viewer.loop.numbers.frames.analysed <= analysed + 1)
    }
  }

  @Test func aPausedSourceGoesOnByOneFrame() throws {
    try withViewer { viewer in
      try settle(viewer)
      let frames = viewer.loop.numbers.frames.captured
      #expect(post(viewer, #"{"step": true}"#) == 200)
      for _ in 0..<400 where viewer.loop.numbers.frames.captured == frames { usleep(5000) }
      #expect(viewer.loop.numbers.frames.captured == frames + 1)
    }
  }

  @Test func wrongParametersAreNamed() throws {
    try withViewer { viewer in
      _ = try json(viewer, "/v1/state")
      let cases: [([String: String], String)] = [
        (["layr": "x"], "did you mean 'layer'"), (["layer": "nowhere"], "there is no layer"),
        (["sort": "size"], "strength"),
        (["saliency": "gradcam"], "grad-cam"), (["tiles": "0"], "1 to 1024"), (["gain": "nan"], "0.01"),
        (["unit": "99999"], "from 0"),
      ]
      for (query, words) in cases {
        let (status, bytes) = get(viewer, "/v1/watch", query)
        #expect(status == 400)
        #expect(
          String(decoding: bytes, as: UTF8.self).contains(words), "\(query): \(String(decoding: bytes, as: UTF8.self))")
      }
      #expect(get(viewer, "/v1/layers/nowhere/activations.npy").status == 404)
      #expect(get(viewer, "/etc/passwd").status == 404)
      for body in [
        "", "[]", #"{"pause": 3}"#, #"{"model": "/etc/passwd"}"#, #"{"camera": "/dev/video7"}"#, #"{"record": true}"#,
      ] {
        #expect(post(viewer, body) == 400, "\(body)")
      }
    }
  }

  @Test func aWrongMethodGetsTheAllowedOnes() throws {
    try withViewer { viewer in
      for (method, path, allowed) in [
        ("POST", "/v1/state", "GET, HEAD"), ("GET", "/v1/control", "POST"), ("DELETE", "/", "GET, HEAD"),
        ("PUT", "/app.js", "GET, HEAD"), ("OPTIONS", "/v1/layers/x/filters.jpg", "GET, HEAD"),
        ("<script>", "/healthz", "GET, HEAD"),
      ] {
        let answer = viewer.answer(HTTPRequest(method: method, path: path))
        #expect(answer.status == 405, "\(method) \(path)")
        #expect(answer.headers.first { $0.name == "Allow" }?.value == allowed, "\(method) \(path)")
      }
      #expect(viewer.answer(HTTPRequest(method: "DELETE", path: "/nowhere")).status == 404)
      // The guard asks for its header where something changes: at POST.
      #expect(Set(RouteTable.all.map(\.method)) == ["GET", "POST"])
    }
  }

  @Test func theSourceMayBeChangedToOneThatWasAllowed() throws {
    try withViewer(MovingSource("one"), { $0.cameras = [("two", { MovingSource("two", width: 96) })] }) { viewer in
      _ = try message(viewer, [:])
      #expect(post(viewer, #"{"camera": "two"}"#) == 200)
      let message = try message(viewer, [:]) { ($0.json["resolution"] as? [Int]) == [96, 48] }
      #expect(message.blobs["picture"] != nil)
      #expect(try json(viewer, "/v1/state")["source"] as? String == "two")
    }
  }

  @Test func afterTheEndTheLastPictureStays() throws {
    try withViewer(MovingSource(limit: 3)) { viewer in
      let message = try message(viewer, [:])
      #expect(message.blobs["picture"] != nil)
      for _ in 0..<400 where !viewer.loop.state.hasEnded { usleep(5000) }
      let other = try #require(viewer.loop.network.layers.last { $0.watchable })
      #expect(get(viewer, "/v1/layers/\(other.value)/activations.npy").bytes.prefix(6) == [0x93, 78, 85, 77, 80, 89])
    }
  }

  @Test func theDocumentedRoutesAreTheServersOwn() throws {
    let file = TestData.root.appendingPathComponent("Docs/openapi.json")
    let api = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let paths = try #require(api["paths"] as? [String: [String: Any]])
    let documented = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
    #expect(documented == Set(RouteTable.all.map { "\($0.method) \($0.pattern)" } + ["GET /"]))
    let words = try String(contentsOf: TestData.root.appendingPathComponent("Docs/HTTP.md"), encoding: .utf8)
    for route in RouteTable.all {
      #expect(words.contains(route.pattern.replacing("{value}", with: "VALUE")), "\(route.pattern)")
    }
  }

  /// All layers are looked at only while a viewer is told about them.
  @Test func surveysAreMadeForViewersThatAskForThem() throws {
    try withViewer { viewer in
      let picture = MJPEGStream(try viewer.pictureSettings([:]), live: viewer)
      defer { picture.close() }
      for _ in 0..<30 { #expect(picture.next() != nil) }
      #expect(viewer.board.latest?.analysis?.survey == nil)
      let all = WatchStream(WatchSettings(), live: viewer)
      defer { all.close() }
      for _ in 0..<100 where viewer.board.latest?.analysis?.survey == nil { _ = all.next() }
      #expect(viewer.board.latest?.analysis?.survey?.number == 1)
    }
  }
}
