import Foundation
import Frames
import Pipeline
import Telemetry

/// `/v1/state`. JSON in snake case.
struct StateReport: Encodable {
  /// What the source was settled on.
  struct Format: Encodable {
    let width: Int, height: Int
    /// As FFmpeg calls it.
    let pixelFormat: String
    /// Frames per second, where the source says so.
    let rate: Double?
  }
  let source: String, model: String
  let frame: UInt64?
  let timestamp: Double?
  let paused: Bool, ended: Bool
  /// In a word: waiting, streaming, paused, no signal or ended.
  let status: String
  let format: Format
  let recording: String?
  let watchers: Int
  let outage: WatchMessage.Outage?
  let fps: [String: Double], drops: [String: Int], latencyMs: [String: Double]
  /// Milliseconds of the latest frame, and the quantiles of the last thousand.
  let timing: [String: Double], timingP50: [String: Double], timingP99: [String: Double]
  let settings: [String: String]

  init(_ viewer: LiveViewer) {
    let (loop, latest, numbers) = (viewer.loop, viewer.board.latest, viewer.loop.numbers)
    (source, model) = (loop.sourceName, loop.network.name)
    (frame, timestamp) = (latest?.frame.sequence, latest?.frame.seconds)
    (paused, ended) = (loop.state.isPaused, loop.state.hasEnded)
    status = viewer.status
    format = Format(loop.format)
    (recording, watchers) = (viewer.recording.name, viewer.board.watcherCount)
    // Of the newest frame: without watchers there are no new snapshots.
    outage = numbers.outage.map { .init($0) }
    fps = ["in": numbers.rateIn, "analysed": numbers.rateAnalysed]
    drops = viewer.drops
    latencyMs = [
      "capture_to_published": latest?.latency ?? 0, "p50": viewer.latencies.quantile(0.5),
      "p99": viewer.latencies.quantile(0.99),
    ]
    timing = loop.spans.latest
    (timingP50, timingP99) = (loop.spans.quantile(0.5), loop.spans.quantile(0.99))
    let standard = viewer.defaults
    settings = [
      "layer": standard.layer ?? "none", "saliency": standard.saliency?.method ?? "none",
      "target": standard.saliency?.target ?? "top",
    ]
  }
}

extension StateReport.Format {
  fileprivate init(_ format: FrameFormat) {
    (width, height, pixelFormat) = (format.width, format.height, format.pixelFormat.name)
    let (frames, seconds) = (format.frameRate.numerator, format.frameRate.denominator)
    rate = frames > 0 && seconds > 0 ? Double(frames) / Double(seconds) : nil
  }
}

/// `/v1/model`. JSON in snake case.
struct ModelReport: Encodable {
  let name: String
  let input: [Int]
  let classes: [String]
  let scoresAreProbabilities: Bool
  let parameters: Int, multiplyAdds: Int
  let picture: [String: Int]
  let crop: WatchMessage.Crop?
  let methods: [NetworkReport.Method]
  /// What may be chosen, and which of these are in use; the first ones at start.
  let models: [String], cameras: [String]
  @Nullable private(set) var chosenModel: String?
  @Nullable private(set) var chosenCamera: String?
  let mayRecord: Bool

  init(_ viewer: LiveViewer) {
    let network = viewer.loop.network
    (name, input, classes) = (network.name, network.input, network.classes)
    (scoresAreProbabilities, parameters) = (network.scoresAreProbabilities, network.parameters)
    (multiplyAdds, methods) = (network.multiplyAdds, network.methods)
    picture = ["width": viewer.loop.format.width, "height": viewer.loop.format.height]
    crop = viewer.board.latest?.analysis.map { .init($0.crop) }
    (models, cameras) = (viewer.options.models.map(\.name), viewer.options.cameras.map(\.name))
    (chosenModel, chosenCamera) = viewer.chosen
    mayRecord = viewer.options.recorder != nil
  }
}

/// `/v1/patches`. JSON in snake case.
struct PatchReport: Encodable {
  struct Entry: Encodable {
    let activation: Float
    let frame: UInt64
    let timestamp: Double
    let y: Int, x: Int
  }
  let layer: String, unit: Int
  let patches: [Entry]

  init(_ found: (layer: String, unit: Int, patches: [Patch])) {
    (layer, unit) = (found.layer, found.unit)
    patches = found.patches.map {
      Entry(activation: $0.activation, frame: $0.frame, timestamp: $0.time, y: $0.y, x: $0.x)
    }
  }
}
