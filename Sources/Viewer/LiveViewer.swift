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
  package var saliency: String? = "grad-cam"
  /// Layer, target, classes at first.
  package var layer: String?
  /// What is explained at first.
  package var target = "top"
  /// Looks at every frame, also while no page is open.
  package var isAlwaysOn = false
  /// Makes the sink of a recording and tells its name; nil where recording is not allowed.
  package var recorder: (@Sendable () throws -> (name: String, sink: any FrameSink))?
  /// How the networks are run.
  package var session = NetworkOptions()

  /// The defaults.
  package init() {}
}

/// The live viewer: one loop over the frames, any number of watchers, one answer to each request.
package final class LiveViewer: @unchecked Sendable {
  // Safety: everything is constant or has a lock of its own.
  let hub = Hub()
  let pictures = PictureRenderer()
  let latencies = LatencyMeter()
  let options: LiveOptions
  let loop: LiveLoop
  let recording = Recording()
  /// Snapshots that streams had no time for.
  let unsent = PassedOver()
  /// Those that recordings, and what `write` writes, had no time for.
  let unwritten = PassedOver()
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
    let looker = try Looker(model, options: options.session, clock: clock)
    loop = LiveLoop(source: source, looker: looker, hub: hub, isAlwaysOn: options.isAlwaysOn, clock: clock)
  }

  /// Runs until `stop` or until the source fails.
  package func run() throws {
    defer { recording.stop() }
    try loop.run()
  }

  /// Ends everything: the loop, the streams, a recording.
  package func stop() { loop.stop() }

  /// What a page shows that asks for nothing.
  var defaults: WatchSettings {
    var settings = WatchSettings()
    let network = loop.network
    settings.layer = options.layer.flatMap { network.layer($0)?.value } ?? network.favourite
    settings.saliency = options.saliency.map { SaliencyWish(method: $0, target: options.target, layer: nil) }
    return settings
  }

  /// Settings of a query; throws a sentence.
  func settings(_ query: [String: String]) throws -> WatchSettings {
    try WatchQuery(query, network: loop.network).settings(defaults: defaults)
  }

  /// Adds what is true of the loop rather than of a frame.
  func describe(_ message: inout WatchMessage) {
    let (state, numbers) = (loop.state, loop.numbers)
    (message.paused, message.ended) = (state.isPaused, state.hasEnded)
    message.recording = recording.name != nil
    message.fps["in"] = numbers.rateIn
    message.fps["analysed"] = numbers.rateAnalysed
    message.drops = drops
    if message.notice == nil { message.notice = recording.problem }
  }

  /// Frames that were lost at each stage: before this program, before the network, before streams and recordings.
  var drops: [String: Int] {
    let numbers = loop.numbers
    return [
      "capture": numbers.driverDrops, "analyse": numbers.dropped, "publish": unsent.count, "record": unwritten.count,
    ]
  }

  /// Changes the network to one that was allowed at start.
  func choose(model name: String) throws {
    guard let choice = options.models.first(where: { $0.name == name }) else {
      throw UserError("there is no model '\(name)' here\(suggestion(for: name, among: options.models.map(\.name)))")
    }
    loop.replace(try Looker(try choice.load(), options: options.session, clock: clock))
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
    try recording.start(
      make, hub: hub, settings: defaults, classes: loop.network.scoresAreProbabilities, passed: unwritten)
  }

  /// Writes every frame with its overlay to a sink, until the recording is stopped.
  package func write(to name: String, _ sink: any FrameSink) throws -> Recording {
    let output = Recording()
    try output.start(
      { (name, sink) }, hub: hub, settings: defaults, classes: loop.network.scoresAreProbabilities, passed: unwritten)
    return output
  }

  /// The filters of a layer as one JPEG; nil where they are no colours.
  func filters(of value: String) throws -> [UInt8]? {
    guard let layer = loop.network.layers.first(where: { $0.value == value }), layer.hasFilters else { return nil }
    return try filters.bytes(value) { try FilterSheet.jpeg(loop.filters(of: layer)) }
  }
}
