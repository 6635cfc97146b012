import Foundation
import Frames
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
  let time: Double?
  let paused: Bool, ended: Bool
  /// In a word: waiting, streaming, paused, no signal or ended.
  let status: String
  let format: Format
  let recording: String?
  let watchers: Int
  let outage: WatchMessage.Outage?
  let fps: [String: Double], drops: [String: Int], latencyMs: [String: Double]
  /// Of the latest frame, and the quantiles of the last thousand.
  let stagesMs: [String: Double], stagesP50Ms: [String: Double], stagesP99Ms: [String: Double]
  let settings: [String: String]

  init(_ viewer: LiveViewer) {
    let (loop, latest, numbers) = (viewer.loop, viewer.hub.latest, viewer.loop.numbers)
    (source, model) = (loop.sourceName, loop.network.name)
    (frame, time) = (latest?.frame.sequence, latest?.frame.seconds)
    (paused, ended) = (loop.state.isPaused, loop.state.hasEnded)
    status =
      latest == nil
      ? "waiting" : ended ? "ended" : numbers.outage != nil ? "no signal" : paused ? "paused" : "streaming"
    format = Format(loop.format)
    (recording, watchers) = (viewer.recording.name, viewer.hub.watcherCount)
    // Of the newest frame, for with nobody watching there are no new snapshots.
    outage = numbers.outage.map {
      .init(reason: $0.reason, sinceS: max(0, SystemTime().now().seconds(since: $0.since)))
    }
    fps = ["in": numbers.rateIn, "analysed": numbers.rateAnalysed]
    drops = viewer.drops
    latencyMs = [
      "capture_to_published": latest?.latency ?? 0, "p50": viewer.latencies.quantile(0.5),
      "p99": viewer.latencies.quantile(0.99),
    ]
    stagesMs = loop.stages.latest
    (stagesP50Ms, stagesP99Ms) = (loop.stages.quantile(0.5), loop.stages.quantile(0.99))
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
  let chosenModel: String?, chosenCamera: String?
  let mayRecord: Bool

  init(_ viewer: LiveViewer) {
    let network = viewer.loop.network
    (name, input, classes) = (network.name, network.input, network.classes)
    (scoresAreProbabilities, parameters) = (network.scoresAreProbabilities, network.parameters)
    (multiplyAdds, methods) = (network.multiplyAdds, network.methods)
    picture = ["width": viewer.loop.format.width, "height": viewer.loop.format.height]
    crop = viewer.hub.latest.map {
      .init(x: $0.crop.x, y: $0.crop.y, width: $0.crop.width, height: $0.crop.height)
    }
    (models, cameras) = (viewer.options.models.map(\.name), viewer.options.cameras.map(\.name))
    (chosenModel, chosenCamera) = viewer.chosen
    mayRecord = viewer.options.recorder != nil
  }
}

/// `/v1/top`. JSON in snake case.
struct TopReport: Encodable {
  let frame: UInt64
  let timestamp: Double?
  let top: [WatchMessage.Score]

  init(_ snapshot: Snapshot, count: Int) {
    (frame, timestamp) = (snapshot.frame.sequence, snapshot.frame.seconds)
    top = snapshot.top.prefix(count).map {
      .init(label: $0.label, index: $0.index, confidence: $0.confidence.orZero)
    }
  }
}

/// `/v1/patches`. JSON in snake case.
struct PatchReport: Encodable {
  struct Entry: Encodable {
    let activation: Float
    let frame: UInt64
    let time: Double
    let y: Int, x: Int
  }
  let layer: String, unit: Int
  let patches: [Entry]

  init(_ found: (layer: String, unit: Int, patches: [Patch])) {
    (layer, unit) = (found.layer, found.unit)
    patches = found.patches.map {
      Entry(activation: $0.activation, frame: $0.frame, time: $0.time, y: $0.y, x: $0.x)
    }
  }
}
