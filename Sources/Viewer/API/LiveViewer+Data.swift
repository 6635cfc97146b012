import Foundation
import Pipeline
import Telemetry
import Tensors

extension LiveViewer {
  /// The newest snapshot; throws while there is none.
  func snapshot() throws -> Snapshot {
    if let snapshot = board.latest { return snapshot }
    throw NotThere("there is no picture yet")
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

  /// Input, scores, the layer's values and the explanation of one frame, as NumPy's archive.
  func archive(_ settings: WatchSettings) throws -> [UInt8] {
    var settings = settings
    settings.input = true
    let snapshot = try fresh(settings)
    guard let analysis = snapshot.analysis else { throw NotThere("there is no picture: the source is lost") }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("fovea-\(UUID().uuidString).npz")
    defer { try? FileManager.default.removeItem(at: file) }
    let writer = try NpzWriter(file.path, exclusive: true)
    if let input = analysis.input { try writer.add("input", input) }
    try writer.add("probabilities", Tensor(analysis.scores, [analysis.scores.count]))
    try writer.add("frame", Tensor([Int(clamping: snapshot.frame.sequence)], [1]))
    if let layer = settings.layer.flatMap(analysis.layer) { try writer.add("activations", layer.values) }
    if let shown = settings.saliency.flatMap(analysis.explanation) { try writer.add("saliency", shown.shown) }
    try writer.finish()
    return Array(try Data(contentsOf: file))
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
