import Explanations
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Synchronization
import Telemetry

/// What the program gives the viewer, beyond a source and a network.
package struct LiveOptions: Sendable {
  /// Names of the networks that viewers may choose, and how each is loaded.
  package var models: [(name: String, load: @Sendable () throws -> Model)] = []
  /// Names of the sources that viewers may choose, and how each is opened.
  package var cameras: [(name: String, open: @Sendable () throws -> any FrameSource)] = []
  /// What viewers see unless they ask for something else.
  package var saliency: String? = MethodTable.standard
  /// Layer, target, classes at first.
  package var layer: String?
  /// What is explained at first.
  package var target = "top"
  /// Which frames the network sees.
  package var policy = LookPolicy()
  /// Made of the first model's graph, where cameras share it; nil: the viewer makes one of its own.
  package var compiled: CompiledNetwork?
  /// Makes the sink of a recording and tells its name; nil where recording is not allowed.
  package var recorder: (@Sendable () throws -> (name: String, sink: any FrameSink))?
  /// How the networks are run.
  package var network = NetworkOptions()

  package init() {}
}

/// The live viewer: one loop over the frames, any number of watchers, one answer to each request.
package final class LiveViewer: @unchecked Sendable {
  // Safety: everything is constant or has a lock of its own.
  let board = SnapshotBoard()
  let pictures = PictureRenderer()
  let latencies = LatencyMeter()
  let options: LiveOptions
  let loop: LiveLoop
  let recording = SnapshotWriter()
  private let clock: any TimeSource
  private let filters = OnceCache()
  private let choices: Mutex<(model: String?, camera: String?)>

  /// Which of the options' models and cameras are in use: a model's own name may be another one.
  var chosen: (model: String?, camera: String?) { choices.withLock { $0 } }

  /// Prepares the network; nothing is read yet.
  package init(source: any FrameSource, model: Model, options: LiveOptions, clock: any TimeSource = SystemTime()) throws
  {
    (self.options, self.clock) = (options, clock)
    choices = Mutex((options.models.first?.name, options.cameras.first?.name))
    let compiled = try options.compiled ?? CompiledNetwork(model.graph, options: options.network)
    let network = try LiveNetwork(model, compiled, clock: clock)
    loop = LiveLoop(source: source, network: network, board: board, policy: options.policy, clock: clock)
  }

  /// Runs until `stop` or until the source fails.
  package func run() throws {
    defer { recording.stop() }
    try loop.run()
  }

  package func stop() { loop.stop() }

  /// What is shown where a request asks for nothing else.
  var defaults: WatchSettings {
    var settings = WatchSettings()
    let network = loop.network
    settings.layer = options.layer.flatMap { network.layer($0)?.value } ?? network.initialLayer
    settings.saliency = options.saliency.map { WatchSettings.explanation($0, of: options.target) }
    return settings
  }

  /// Settings of a query; throws a sentence.
  func settings(_ query: [String: String]) throws -> WatchSettings {
    try WatchQuery(query, network: loop.network).settings(defaults: defaults)
  }

  /// The same for viewers that get nothing but a picture: overlays are drawn into it.
  func pictureSettings(_ query: [String: String]) throws -> WatchSettings {
    var standard = defaults
    standard.overlays = Self.pictureOverlays
    return try WatchQuery(query, network: loop.network).settings(defaults: standard).pictureOnly
  }

  /// What is drawn into pictures that stand alone: heat and classes.
  static let pictureOverlays: Set<String> = [SaliencyOverlay.name, TopClassesPanel.name]

  /// Adds what is true of the loop rather than of a frame.
  func describe(_ message: inout WatchMessage.State) {
    let (state, numbers) = (loop.state, loop.numbers)
    (message.paused, message.ended) = (state.isPaused, state.hasEnded)
    (message.status, message.recording) = (status, recording.name != nil)
    (message.chosenModel, message.chosenCamera) = chosen
    if message.outage == nil { message.outage = numbers.outage.map { .init($0) } }
    message.fps["in"] = numbers.rateIn
    message.fps["analysed"] = numbers.rateAnalysed
    message.drops = drops
    if message.notice == nil { message.notice = recording.problem }
  }

  /// In a word: waiting, streaming, paused, no signal or ended.
  package var status: String {
    let state = loop.state
    if state.hasEnded { return "ended" }
    if loop.numbers.outage != nil { return "no signal" }
    if board.latest == nil { return "waiting" }
    return state.isPaused ? "paused" : "streaming"
  }

  /// Frames that were lost at each stage: before this program, before the network, before streams and recordings.
  var drops: [String: Int] {
    let numbers = loop.numbers
    return [
      "capture": numbers.driverDrops, "analyse": numbers.frames.dropped + numbers.unpublished,
      "publish": loop.unsent.count,
      "record": loop.unwritten.count,
    ]
  }

  func choose(model name: String) throws {
    guard let choice = options.models.first(where: { $0.name == name }) else {
      throw UserError("there is no model '\(name)' here\(suggestion(for: name, among: options.models.map(\.name)))")
    }
    let model = try choice.load()
    loop.replace(try LiveNetwork(model, CompiledNetwork(model.graph, options: options.network), clock: clock))
    filters.clear()
    choices.withLock { $0.model = name }
  }

  /// Changes the source to one that was allowed at start.
  func choose(camera name: String) throws {
    guard let choice = options.cameras.first(where: { $0.name == name }) else {
      throw UserError("there is no camera '\(name)' here\(suggestion(for: name, among: options.cameras.map(\.name)))")
    }
    loop.replace(source: try choice.open())
    choices.withLock { $0.camera = name }
  }

  /// Starts or ends a recording.
  func record(_ isWanted: Bool) throws {
    guard isWanted else { return recording.stop() }
    guard let make = options.recorder else {
      throw UserError("recording is off; start with --record-to FOLDER")
    }
    try recording.start(make, from: loop, written)
  }

  /// Writes every frame to a sink, until the writer is stopped.
  /// - Parameter isPlain: without overlays.
  package func write(to name: String, _ sink: any FrameSink, isPlain: Bool = false) throws -> SnapshotWriter {
    let output = SnapshotWriter()
    var settings = written
    if isPlain { (settings.overlays, settings.saliency) = ([], nil) }
    try output.start({ (name, sink) }, from: loop, settings)
    return output
  }

  /// What recordings show: the picture with heat and classes.
  private var written: WatchSettings {
    var settings = defaults
    settings.overlays = Self.pictureOverlays
    return settings.pictureOnly
  }

  /// The filters of a layer as one JPEG; nil where they are no colours.
  func filters(of value: String) throws -> [UInt8]? {
    guard let weights = loop.network.filters(of: value) else { return nil }
    return try filters.bytes(value) { try FilterSheet.jpeg(weights) }
  }
}
