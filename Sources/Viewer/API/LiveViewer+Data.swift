import Foundation
import Pipeline
import Telemetry
import Tensors

extension LiveViewer {
  /// What a request for one picture is answered from: the frame that `frame` names, as a stream was sent it lately, or else a new one.
  /// - Parameter read: makes settings of the rest of the query.
  func moment(
    _ query: [String: String], _ read: ([String: String]) throws -> WatchSettings
  ) throws -> (snapshot: Snapshot, settings: WatchSettings) {
    var query = query
    guard let text = query.removeValue(forKey: "frame") else {
      let settings = try read(query)
      return (try fresh(settings), settings)
    }
    let settings = try read(query)
    guard let number = UInt64(text) else { throw UserError("'frame=\(text)': the number of a frame is needed") }
    guard let snapshot = board.kept(frame: number) else {
      throw NotThere("frame \(number) is not kept any more; without 'frame' a new one is shown")
    }
    return (snapshot, settings)
  }

  /// The same frame with all that these settings want: looked at again where something is missing.
  private func completed(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> Snapshot {
    guard let analysis = snapshot.analysis, !analysis.wishes.cover(settings.wishes) else { return snapshot }
    let watcher = board.join(settings)
    defer { board.leave(watcher) }
    return try loop.lookAgain(at: snapshot)
  }

  /// A snapshot that answers these wishes: waits for one, five seconds at most, and a minute where an explanation runs the network
  /// many times.
  /// - Throws: a sentence for an explanation that cannot be made.
  func fresh(_ settings: WatchSettings) throws -> Snapshot {
    let before = board.latest?.number ?? 0
    let watcher = board.join(settings)
    defer { board.leave(watcher) }
    let wishes = settings.wishes
    let isSlow = wishes.explanations.contains { wish in
      loop.network.methods.contains { $0.name == wish.method && !$0.isLive }
    }
    var last: UInt64 = 0
    for _ in 0..<(isSlow ? 600 : 50) {
      if let snapshot = board.next(after: last, seconds: 0.1) {
        guard let analysis = snapshot.analysis else { return snapshot }
        if let problem = wishes.explanations.lazy.compactMap({ analysis.problems[$0] }).first {
          throw UserError(problem)
        }
        let isReady = wishes.explanations.allSatisfy { analysis.explanation($0) != nil }
        let isNew = snapshot.network === loop.network && (snapshot.number > before || loop.isStill)
        if isNew, isReady, analysis.wishes.cover(wishes) { return snapshot }
        last = snapshot.number
      }
      if board.isOver { break }
    }
    throw NotThere("there is no new picture")
  }

  /// The newest values of a layer as a NumPy file.
  func activations(of value: String) throws -> [UInt8] {
    guard loop.network.layer(value) != nil else { throw NotThere("there is no layer '\(value)'") }
    var settings = WatchSettings()
    settings.layer = value
    guard let layer = try fresh(settings).analysis?.layer(value) else {
      throw NotThere("the layer '\(value)' was not seen yet")
    }
    let header = try NpyHeader(.float32, layer.values.shape).encoded()
    return header + Array(layer.values.storage.bytes.prefix(layer.values.byteCount))
  }

  /// The strongest patches of a unit, of a layer that is or was watched.
  func patches(_ query: [String: String]) throws -> (layer: String, unit: Int, patches: [Patch]) {
    guard let name = query["layer"], let number = query["unit"].flatMap({ Int($0) }) else {
      throw UserError("name the layer and the unit: ?layer=VALUE&unit=K")
    }
    guard let layer = loop.network.layer(name), (0..<layer.channels).contains(number) else {
      throw NotThere("there is no unit \(number) of a layer '\(name)'")
    }
    let book = board.latest?.analysis?.layer(name)?.patches
    return (name, number, book?.patches(of: number) ?? [])
  }

  /// What the network says of one frame: of the newest one while frames are looked at in any case, so that the answer does not wait.
  func top(_ query: [String: String]) throws -> FrameReport {
    let isCurrent = board.watcherCount > 0 || loop.isAlwaysOn || loop.isStill
    let (snapshot, settings) =
      if isCurrent, query["frame"] == nil, let latest = board.latest {
        (latest, try self.settings(query))
      } else {
        try moment(query) { try self.settings($0) }
      }
    if let report = report(snapshot, settings) { return report }
    throw NotThere("there is no picture: the source is lost")
  }

  /// One frame as a JPEG with overlays.
  func picture(_ query: [String: String]) throws -> [UInt8] {
    let (snapshot, settings) = try moment(query) { try self.pictureSettings($0) }
    return try pictures.jpeg(try completed(snapshot, settings), settings)
  }

  /// Input, scores, the layer's values and the explanation of one frame, as NumPy's archive.
  func archive(_ query: [String: String]) throws -> [UInt8] {
    let (shown, settings) = try moment(query) { query in
      var settings = try self.settings(query)
      settings.input = true
      return settings
    }
    let snapshot = try completed(shown, settings)
    guard let analysis = snapshot.analysis else { throw NotThere("there is no picture: the source is lost") }
    let file = Files.temporaryFolder.appending(name: "fovea-\(UUID().uuidString).npz")
    defer { unlink(file.fileName) }
    let writer = try NpzWriter(file, exclusive: true)
    if let input = analysis.input { try writer.add("input", input) }
    try writer.add("probabilities", Tensor(analysis.scores, [analysis.scores.count]))
    try writer.add("frame", Tensor([Int(clamping: snapshot.frame.sequence)], [1]))
    if let layer = settings.layer.flatMap(analysis.layer) { try writer.add("activations", layer.values) }
    // What was shown, where that was there: a slow explanation may be of an earlier frame, and the next one of a later.
    if let wish = settings.saliency, let map = shown.analysis?.explanation(wish) ?? analysis.explanation(wish) {
      try writer.add("saliency", map.shown)
      try writer.add("saliency_frame", Tensor([Int(clamping: map.frame)], [1]))
    }
    try writer.finish()
    return Array(Files.contents(file) ?? Data())
  }

  /// Does what a request to `/v1/control` asks for.
  func control(_ body: [UInt8]) throws {
    let wish: ControlWish
    do { wish = try JSONDecoder().decode(ControlWish.self, from: Data(body)) } catch {
      throw UserError("the request's body is no JSON object of pause, step, record, model or camera")
    }
    if let model = wish.model { try choose(model: model) }
    if let camera = wish.camera { try choose(camera: camera) }
    if let isPaused = wish.pause { loop.pause(isPaused) }
    if wish.step == true { loop.step() }
    if let isWanted = wish.record { try record(isWanted) }
  }
}

/// The body of a request to `/v1/control`; what is not named stays as it is.
private struct ControlWish: Decodable {
  let pause: Bool?, step: Bool?, record: Bool?
  let model: String?, camera: String?
}
