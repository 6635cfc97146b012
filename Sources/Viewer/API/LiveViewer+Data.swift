import Foundation
import Telemetry
import Tensors

extension LiveViewer {
  /// The newest snapshot; throws while there is none.
  func snapshot() throws -> Snapshot {
    if let snapshot = hub.latest { return snapshot }
    throw NotThere("there is no picture yet")
  }

  /// A snapshot that was made with these wishes: waits for one, five seconds at most.
  func fresh(_ settings: WatchSettings) throws -> Snapshot {
    let watcher = hub.join(settings)
    defer { hub.leave(watcher) }
    let version = hub.demand.version
    var last: UInt64 = 0
    for _ in 0..<50 {
      if let snapshot = hub.next(after: last, seconds: 0.1) {
        if snapshot.demand >= version || snapshot.frame.outage != nil { return snapshot }
        last = snapshot.number
      }
      if hub.isOver { break }
    }
    throw NotThere("there is no new picture")
  }

  /// The newest values of a layer as a NumPy file.
  func activations(of value: String) throws -> [UInt8] {
    guard loop.network.layer(value) != nil else { throw NotThere("there is no layer '\(value)'") }
    var settings = WatchSettings()
    settings.layer = value
    guard let layer = try fresh(settings).layers[value] else { throw NotThere("the layer '\(value)' was not seen yet") }
    let header = try NpyHeader(.float32, layer.values.shape).encoded()
    // The memory goes back to its pool with the last who holds the layer.
    return withExtendedLifetime(layer) { header + Array(layer.values.storage.bytes.prefix(layer.values.byteCount)) }
  }

  /// The strongest patches of a unit, of a layer that is or was watched.
  func patches(_ query: [String: String]) throws -> (layer: String, unit: Int, patches: [Patch]) {
    guard let name = query["layer"], let number = query["unit"].flatMap({ Int($0) }) else {
      throw UserError("name the layer and the unit: ?layer=VALUE&unit=K")
    }
    guard let layer = loop.network.layer(name), (0..<layer.channels).contains(number) else {
      throw NotThere("there is no unit \(number) of a layer '\(name)'")
    }
    guard let watched = hub.latest?.layers[name] else { return (name, number, []) }
    return (name, number, watched.patches.patches(of: number))
  }

  /// Input, scores, the layer's values and the explanation of one frame, as NumPy's archive.
  func archive(_ settings: WatchSettings) throws -> [UInt8] {
    let snapshot = try fresh(settings)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("fovea-\(UUID().uuidString).npz")
    defer { try? FileManager.default.removeItem(at: file) }
    let writer = try NpzWriter(file.path, exclusive: true)
    if let input = snapshot.input { try writer.add("input", input) }
    try writer.add("probabilities", Tensor(snapshot.scores, [snapshot.scores.count]))
    try writer.add("frame", Tensor([Int(clamping: snapshot.frame.sequence)], [1]))
    if let layer = settings.layer.flatMap({ snapshot.layers[$0] }) { try writer.add("activations", layer.values) }
    if let shown = settings.saliency.flatMap({ snapshot.explanations[$0] }) {
      try writer.add("saliency", Tensor(shown.values, [shown.height, shown.width]))
    }
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
