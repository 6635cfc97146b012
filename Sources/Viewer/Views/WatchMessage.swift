import Foundation
import Frames
import Imaging
import Pipeline
import Telemetry

/// What a viewer is told with one frame: the frame's report, and what is true of this viewer and the loop. JSON in snake case, all in
/// one object.
struct WatchMessage: Encodable {
  /// Nil where there is no frame, or the network has not seen it.
  var report: FrameReport?
  var state = State()

  struct State: Encodable {
    /// As in `/v1/state`.
    var status = ""
    /// What is looked at and by what, of those that may be chosen; null where there is no choice.
    @Nullable var chosenModel: String?
    @Nullable var chosenCamera: String?
    var outage: Outage?
    var paused = false, recording = false, ended = false
    var pin: ClassReport?
    var latencyMs = 0.0
    var fps: [String: Double] = [:]
    var drops: [String: Int] = [:]
    var layer: MosaicTiles?
    var crop: Crop?
    var unit: UnitState?
    var glow: [Float]?
    var health: [LayerHealth]?
    var notice: String?
    var blobs: [Blob] = []
  }
  struct Outage: Encodable {
    let reason: String, sinceS: Double

    init(_ outage: Frames.Outage) {
      (reason, sinceS) = (outage.reason, max(0, SystemTime().now().seconds(since: outage.since)))
    }
  }
  struct Blob: Encodable {
    let name: String, type: String, bytes: Int
  }
  struct Crop: Encodable {
    let x: Int, y: Int, width: Int, height: Int

    init(_ rect: Rect) { (x, y, width, height) = (rect.x, rect.y, rect.width, rect.height) }
  }

  func encode(to encoder: any Encoder) throws {
    try report?.encode(to: encoder)
    try state.encode(to: encoder)
  }

  /// Length, JSON, blobs: what goes over the wire.
  func framed(_ payload: [[UInt8]]) throws -> [UInt8] {
    let json = try JSONText.data(self)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + json.count + payload.reduce(0) { $0 + $1.count })
    withUnsafeBytes(of: UInt32(json.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: json)
    for blob in payload { bytes.append(contentsOf: blob) }
    return bytes
  }
}

/// What is known of the inspected unit. JSON in snake case.
struct UnitState: Encodable {
  let channel: Int
  let mean: Float, min: Float, max: Float, zeros: Float
  let dead: Bool
  /// Row and column of the largest value.
  let argmax: [Int]
  let histogram: Histogram
  let patches: Int, patchesVersion: Int

  init?(_ layer: LayerValues, _ unit: Int) {
    guard layer.statistics.indices.contains(unit) else { return nil }
    let state = layer.statistics[unit]
    channel = unit
    (mean, min, max, zeros) = (state.mean, state.low.orZero, state.high.orZero, state.zeros)
    dead = !state.hasFired
    argmax = [state.place / layer.width, state.place % layer.width]
    histogram = layer.histogram(unit)
    (patches, patchesVersion) = (layer.patches?.patches(of: unit).count ?? 0, layer.patches?.version(of: unit) ?? 0)
  }
}

extension Float {
  /// JSON has no number for NaN and infinities.
  var orZero: Float { isFinite ? self : 0 }
}
