import Dispatch
import Foundation
import Frames
import Pipeline
import Synchronization
import Telemetry
import Viewer

/// Follows the analyses of one camera: rules, the data beside recordings, and the statistics of its network.
package final class CameraWatch: Sendable {
  /// What metrics tell of the network's answers.
  package struct Statistics: Sendable {
    /// The best class of the latest analysis, its confidence, and the entropy of all probabilities in bits.
    package var label = ""
    package var confidence = 0.0, entropy = 0.0
    /// See `UnitBaseline`.
    package var drift = 0.0
    package var deadUnits = 0, units = 0
    package var layer = ""
  }

  private let camera: String
  private let viewer: LiveViewer
  private let layer: String?
  private let top: Int
  private let statistics = Mutex(Statistics())
  private let work: Mutex<Work>

  /// What the watching thread owns.
  private struct Work: Sendable {
    var baseline = UnitBaseline()
    var rules: RuleWatch
    var data: DataWriter?
  }

  init(_ camera: Camera, _ viewer: LiveViewer, _ network: SharedNetwork) throws {
    (self.camera, self.viewer) = (camera.name, viewer)
    layer = camera.settings.layer ?? viewer.deepestLayer
    top = camera.settings.topK
    let labels = viewer.classes
    let rules = try camera.settings.rules.map { try Rule($0, labels: labels, model: network.model.name) }
    let explainer = EventExplainer(network, method: camera.settings.saliency, clock: camera.around.clock)
    let watch = RuleWatch(camera, rules, labels: labels, model: network.model.name, explainer)
    let data = camera.settings.recording.hasData ? camera.recorder.map { DataWriter(camera.name, $0) } : nil
    work = Mutex(Work(rules: watch, data: data))
  }

  package var latest: Statistics { statistics.withLock { $0 } }
  /// Events that last now, by rule.
  package var activeRules: Set<String> { work.withLock { $0.rules.active } }

  /// Follows on a thread of its own until the viewer ends.
  func start() -> DispatchGroup {
    let group = DispatchGroup()
    group.enter()
    let thread = Thread { [self] in
      viewer.follow(top: top, layer: layer) { moment in
        work.withLock { see(moment, &$0) }
        return true
      }
      work.withLock { work in
        work.rules.stop()
        work.data?.stop()
      }
      group.leave()
    }
    thread.name = "watch \(camera)"
    thread.start()
    return group
  }

  private func see(_ moment: LiveMoment?, _ work: inout Work) {
    guard let moment else { return }
    guard let analysis = moment.analysis else { return work.rules.lose() }
    if moment.isFresh {
      let highest = layer.flatMap { analysis.layer($0)?.highest }
      note(analysis, highest, work.baseline)
      work.rules.see(moment, analysis, layer: layer, highest: highest, work.baseline)
      if let highest { work.baseline.add(highest) }
    }
    work.data?.write(moment)
  }

  private func note(_ analysis: Analysis, _ highest: [Float]?, _ baseline: UnitBaseline) {
    let best = analysis.top.first
    let probabilities = analysis.network.scoresAreProbabilities ? analysis.scores : []
    let entropy = probabilities.reduce(0.0) { $1 > 0 && $1.isFinite ? $0 - Double($1) * log2(Double($1)) : $0 }
    statistics.withLock { statistics in
      (statistics.label, statistics.confidence) = (best?.label ?? "", Double(best?.confidence ?? 0))
      statistics.entropy = entropy
      statistics.layer = layer ?? ""
      (statistics.deadUnits, statistics.units) = (baseline.deadUnits, baseline.units)
      if let highest { statistics.drift = baseline.drift(highest) }
    }
  }
}
