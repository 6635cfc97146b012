import Capture
import Foundation
import Frames
import Media
import Output
import Pipeline
import Synchronization
import Telemetry
import Viewer

/// What all cameras of a service share.
package struct CameraSurroundings: Sendable {
  package let shelf: NetworkShelf
  package let model: ModelSettings
  package let storage: Storage
  package let events: EventBook
  package let clock: any TimeSource

  package init(
    shelf: NetworkShelf, model: ModelSettings, storage: Storage, events: EventBook, clock: any TimeSource = SystemTime()
  ) {
    (self.shelf, self.model, self.storage, self.events, self.clock) = (shelf, model, storage, events, clock)
  }
}

/// One camera of the service: its source, its network, its viewer, its recordings and rules, from `start` to `stop`.
///
/// A camera that cannot be opened is tried again for ever; whatever fails later begins anew. Other cameras go on meanwhile.
package final class Camera: @unchecked Sendable {
  // Safety: `state` is guarded; all else is constant.
  private struct State {
    var viewer: LiveViewer?
    var interruption: Interruption?
    var problem: String?
    var openings = 0
    var watch: CameraWatch?
  }

  package let settings: CameraSettings
  package let recorder: PacketRecorder?
  let around: CameraSurroundings
  private let state = Mutex(State())
  private let isStopped = Atomic<Bool>(false)
  private let ended = DispatchGroup()

  package init(_ settings: CameraSettings, _ around: CameraSurroundings) {
    (self.settings, self.around) = (settings, around)
    recorder = Self.recorder(settings, around)
  }

  package var name: String { settings.name }
  /// Nil while the camera is not open.
  package var viewer: LiveViewer? { state.withLock { $0.viewer } }
  /// Why there is no picture, as a sentence; nil while there is one.
  package var problem: String? {
    let (problem, viewer) = state.withLock { ($0.problem, $0.viewer) }
    return viewer.map { $0.outage } ?? problem
  }
  /// What its watch has found so far; nil before the first picture.
  package var watch: CameraWatch? { state.withLock { $0.watch } }
  /// How often the camera was begun anew after a failure.
  package var restarts: Int { state.withLock { max(0, $0.openings - 1) } }

  package func start() {
    ended.enter()
    let thread = Thread { [self] in
      run()
      ended.leave()
    }
    thread.name = "camera \(name)"
    thread.start()
  }

  /// Ends it; `wait` waits for its files.
  package func requestStop() {
    isStopped.store(true, ordering: .relaxed)
    let (viewer, interruption) = state.withLock { ($0.viewer, $0.interruption) }
    interruption?.request()
    viewer?.stop()
  }

  /// Returns when all its files are complete.
  package func wait() { ended.wait() }

  private func run() {
    var backoff = Backoff()
    while !isStopped.load(ordering: .relaxed) {
      let began = around.clock.now()
      do {
        try runOnce()
        if !isStopped.load(ordering: .relaxed) { say("its source has ended", "stopped") }
      } catch {
        if !isStopped.load(ordering: .relaxed) { say("\(error)", "failed") }
      }
      state.withLock { ($0.viewer, $0.interruption, $0.watch) = (nil, nil, nil) }
      backoff.failed(afterSeconds: around.clock.now().seconds(since: began))
      pause(backoff.delay)
    }
    recorder?.stop()
  }

  private func say(_ reason: String, _ stage: String) {
    let isNew = state.withLock { state in
      defer { state.problem = reason }
      return state.problem != reason
    }
    if isNew {
      ServiceLog.warning(camera: name, stage: stage, .cameraLost, "\(name): \(reason); it is tried again for ever")
    }
  }

  private func pause(_ seconds: Double) {
    let end = around.clock.now().advanced(bySeconds: seconds)
    while around.clock.now() < end, !isStopped.load(ordering: .relaxed) {
      around.clock.sleep(until: around.clock.now().advanced(bySeconds: 0.05))
    }
  }

  /// From the opening of the source to its end.
  private func runOnce() throws {
    let network = try around.shelf.network(of: settings, around.model)
    let interruption = Interruption()
    state.withLock { $0.interruption = interruption }
    if isStopped.load(ordering: .relaxed) { return }
    let opener = try CameraOpener(settings, interruption, tap: takesPackets ? recorder : nil, around.clock)
    let source = try opener.open()
    let viewer = try LiveViewer(
      source: source, model: network.model, options: liveOptions(network), clock: around.clock)
    let watch = try CameraWatch(self, viewer, network)
    let problem = state.withLock { state in
      defer { (state.viewer, state.problem, state.watch, state.openings) = (viewer, nil, watch, state.openings + 1) }
      return state.problem
    }
    ServiceLog.info(
      camera: name, stage: "capture", .cameraFound,
      "\(name): \(problem == nil ? "" : "is back: ")\(source.info.name), \(source.format.width)x\(source.format.height)"
    )
    if isStopped.load(ordering: .relaxed) { return }
    let outputs = try startOutputs(viewer)
    defer { for output in outputs { output.stop() } }
    let watching = watch.start()
    defer { watching.wait() }
    defer { viewer.stop() }
    try viewer.run()
  }

  // MARK: outputs

  /// The recorder takes the source's own packets.
  private var takesPackets: Bool { settings.recording.kind == .source && settings.givesPackets }

  private func startOutputs(_ viewer: LiveViewer) throws -> [SnapshotWriter] {
    var writers: [SnapshotWriter] = []
    for output in settings.outputs {
      let place = try Destination(output)
      let sink = try openSink(place, options: SinkOptions(overwrite: true, copiesCompanions: true))
      writers.append(try viewer.write(to: place.displayName, sink))
    }
    if let recorder, !takesPackets {
      var options = SinkOptions(
        codec: settings.recording.codec, crf: settings.recording.crf, preset: settings.recording.preset ?? "ultrafast")
      options.threads = 1
      let sink = PacketSink(name, options, tap: recorder)
      writers.append(
        try viewer.write(to: "recordings of \(name)", sink, isPlain: settings.recording.kind == .source))
    }
    return writers
  }

  private static func recorder(_ settings: CameraSettings, _ around: CameraSurroundings) -> PacketRecorder? {
    let recording = settings.recording
    guard recording.kind != .off, recording.moment == .always || !settings.rules.isEmpty else { return nil }
    let (storage, name) = (around.storage, settings.name)
    var options = RecorderOptions()
    options.segment = recording.moment == .always ? recording.segment.seconds : nil
    options.container = recording.container == .auto ? nil : recording.container.rawValue
    options.before = recording.before.seconds
    options.path = { storage.segment(of: name, recording.pattern, at: $0) }
    options.hasRoom = { storage.hasRoom }
    return PacketRecorder(name, options, clock: around.clock)
  }

  private func liveOptions(_ network: SharedNetwork) -> LiveOptions {
    var options = LiveOptions()
    (options.saliency, options.target, options.layer) = (settings.saliency, settings.target, nil)
    options.compiled = network.compiled
    options.policy.isAlwaysOn = true
    options.policy.publishesAll = true
    if settings.gate == .still {
      options.policy.gate = StillGate(difference: settings.gateDifference, maxAge: settings.maxAge.seconds)
    }
    options.policy.rate = settings.analysisRate > 0 ? settings.analysisRate : nil
    return options
  }
}

extension CameraSettings {
  /// Its source sends coded packets, which can be recorded as they are.
  package var givesPackets: Bool {
    switch source {
    case .file, .network, .standardInput: true
    case .camera, .synthetic, .imageSequence, .imageGlob: false
    }
  }
}
