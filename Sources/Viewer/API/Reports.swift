import Foundation
import Telemetry

/// `/v1/state`. JSON in snake case.
struct StateReport: Encodable {
  let source: String, model: String
  let frame: UInt64?
  let time: Double?
  let paused: Bool, ended: Bool
  let recording: String?
  let watchers: Int
  let outage: WatchMessage.Outage?
  let fps: [String: Double], drops: [String: Int], latencyMs: [String: Double], stagesMs: [String: Double]
  let settings: [String: String]

  init(_ viewer: LiveViewer) {
    let (loop, latest, numbers) = (viewer.loop, viewer.hub.latest, viewer.loop.numbers)
    (source, model) = (loop.sourceName, loop.network.name)
    (frame, time) = (latest?.frame.sequence, latest?.frame.seconds)
    (paused, ended) = (loop.state.isPaused, loop.state.hasEnded)
    (recording, watchers) = (viewer.recording.name, viewer.hub.watcherCount)
    outage = latest?.frame.outage.map {
      .init(reason: $0.reason, sinceS: max(0, SystemTime().now().seconds(since: $0.since)))
    }
    fps = ["in": numbers.rateIn, "analysed": numbers.rateAnalysed]
    drops = ["driver": numbers.driverDrops, "analyse": numbers.dropped]
    latencyMs = [
      "capture_to_published": latest?.latency ?? 0, "p50": viewer.latencies.quantile(0.5),
      "p99": viewer.latencies.quantile(0.99),
    ]
    let times = latest?.times ?? StageTimes()
    stagesMs = [
      "decode": times.decode, "preprocess": times.preprocess, "inference": times.inference, "saliency": times.saliency,
    ]
    let standard = viewer.defaults
    settings = [
      "layer": standard.layer ?? "none", "saliency": standard.saliency?.method ?? "none",
      "target": standard.saliency?.target ?? "top",
    ]
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
  let models: [String], cameras: [String]
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
