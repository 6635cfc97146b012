import Foundation
import Frames
import Telemetry

/// What a viewer is told with one frame. JSON in snake case.
struct WatchMessage: Encodable {
  struct Score: Encodable {
    let label: String, index: Int, confidence: Float
  }
  struct Outage: Encodable {
    let reason: String, sinceS: Double
  }
  struct Saliency: Encodable {
    let method: String, layer: String, target: String
    let peak: [Double], box: [Double]
  }
  struct Blob: Encodable {
    let name: String, type: String, bytes: Int
  }
  struct Crop: Encodable {
    let x: Int, y: Int, width: Int, height: Int
  }

  let v = 1
  var frame: UInt64 = 0
  var time: Double?
  var outage: Outage?
  var paused = false, recording = false, ended = false
  var resolution: [Int] = []
  var top: [Score] = []
  var pin: Score?
  var stagesMs: [String: Double] = [:]
  var latencyMs = 0.0
  var fps: [String: Double] = [:]
  var drops: [String: Int] = [:]
  var layer: MosaicLayout?
  var saliency: Saliency?
  var crop: Crop?
  var unit: UnitState?
  var glow: [Float]?
  var health: [LayerHealth]?
  var notice: String?
  var blobs: [Blob] = []

  /// Length, JSON, blobs: what goes over the wire.
  func framed(_ payload: [[UInt8]]) throws -> [UInt8] {
    let json = try LiveJSON.data(self)
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
  let histogram: [Int]
  let range: [Float]
  let patches: Int, patchesVersion: Int

  init?(_ layer: WatchedLayer, _ unit: Int) {
    guard layer.statistics.indices.contains(unit), let values = layer.values.view.floats.baseAddress else { return nil }
    let (state, cells) = (layer.statistics[unit], layer.height * layer.width)
    channel = unit
    (mean, min, max, zeros) = (state.mean, state.low.orZero, state.high.orZero, state.zeros)
    dead = !state.hasFired
    argmax = [state.place / layer.width, state.place % layer.width]
    var bins = [Int](repeating: 0, count: 32)
    let (low, high) = (state.low.orZero, state.high.orZero)
    let gain = high > low ? Float(bins.count) / (high - low) : 0
    for i in 0..<cells {
      let value = values[unit * cells + i]
      guard value.isFinite else { continue }
      bins[Swift.min(bins.count - 1, Swift.max(0, Int((value - low) * gain)))] += 1
    }
    (histogram, range) = (bins, [low, high])
    (patches, patchesVersion) = (layer.patches.patches(of: unit).count, layer.patches.version(of: unit))
  }
}

extension Float {
  /// What JSON can say.
  var orZero: Float { isFinite ? self : 0 }
}

/// How the viewer writes JSON.
enum LiveJSON {
  /// Snake case, sorted keys; numbers that JSON has no word for become strings.
  static func data(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value)
  }
}
