import Capture
import Explanations
import Foundation
import Frames
import Media
import Models
import Pipeline
import Settings
import Telemetry
import Viewer

/// `fovea view`: any source, live in the browser.
enum ViewCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    Log.level = arguments.has("quiet") ? .error : arguments.has("verbose") ? .debug : .info
    FFmpegLog.route()
    guard let input = arguments.argument("INPUT") else { return }
    let model = try AnnotateCommand.loadModel(arguments)
    let options = try liveOptions(arguments, model: model, input: input)
    let interruption = Interruption()
    let stop = StopRequest(interruption)
    let signals = Signals(stop.request)
    defer { signals.cancel() }
    let opener = SourceOpener(arguments, interruption: interruption)
    let source = try opener.open(input)
    let viewer = try LiveViewer(source: source, model: model, options: options)
    let server = try HTTPServer(serverOptions(arguments)) { viewer.answer($0) }
    stop.onRequest { viewer.stop() }
    defer { server.stop() }
    Log.info("\(source.info.name): \(source.format.width)x\(source.format.height), seen by \(model.name)")
    Log.info("open \(address(arguments, server)) in a browser; press Ctrl-C to end")
    var output: LiveOutput?
    if let place = arguments.text("output") { output = try LiveOutput(place, viewer: viewer, arguments) }
    defer { output?.stop() }
    try viewer.run()
  }

  private static func liveOptions(_ arguments: ParsedArguments, model: Model, input: String) throws -> LiveOptions {
    var options = LiveOptions()
    options.session = EngineOptions.session(arguments)
    options.isAlwaysOn = arguments.has("always-on")
    if let method = arguments.text("saliency") {
      options.saliency = method == "none" ? nil : try MethodTable.method(named: method).info.name
    }
    options.target = try NamedTarget(arguments.all("target").first ?? "top", of: model).text
    options.layer = try chooseLayers(arguments.all("layer"), in: model.graph).first?.value
    let paths = [try arguments.text("model") ?? DefaultModel.path()] + arguments.all("allow-model")
    options.models = paths.map { path in
      (URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, { try Model.load(path: path) })
    }
    let opener = SourceOpener(arguments, interruption: Interruption())
    let others = arguments.all("allow-camera")
    // A source that was interrupted cannot be read again: each choice opens it anew.
    options.cameras =
      others.isEmpty ? [] : ([input] + others).map { name in (redacted(name), { try opener.openAnew(name) }) }
    if let folder = arguments.text("record-to") {
      options.recorder = { try RecordingPlace.make(in: folder) }
    }
    return options
  }

  private static func serverOptions(_ arguments: ParsedArguments) throws -> HTTPServerOptions {
    var options = HTTPServerOptions()
    if let listen = arguments.text("listen") { options.host = listen }
    if let port = arguments.integer("port") { options.port = port }
    options.token = arguments.text("token")
    if options.token == nil, !options.isLoopback { options.token = HTTPToken.generate() }
    options.allowedHosts = arguments.all("allow-host")
    return options
  }

  private static func address(_ arguments: ParsedArguments, _ server: HTTPServer) -> String {
    let host = arguments.text("listen") ?? "127.0.0.1"
    let shown = host.contains(":") ? "[\(host)]" : host
    let token = server.token.map { "/?token=\($0)" } ?? ""
    return "http://\(shown):\(server.port)\(token)"
  }
}

/// Opens sources with the options of the command line.
struct SourceOpener: Sendable {
  private let options: SourceOptions
  private let retries: Bool

  init(_ arguments: ParsedArguments, interruption: Interruption) {
    var options = AnnotateCommand.sourceOptions(arguments)
    options.loop = arguments.has("loop")
    options.realtime = !arguments.has("no-realtime")
    options.format = arguments.text("input-format")
    options.interruption = interruption
    (self.options, retries) = (options, !arguments.has("no-retry"))
    wishes = Result { try CameraArguments.wishes(arguments) }
  }

  private let wishes: Result<CameraWishes, any Error>

  /// A live source comes back when it is lost; others end.
  func open(_ input: String) throws -> any FrameSource {
    var options = options
    options.camera = try wishes.get()
    let settled = options
    guard retries, try SourceAddress(input).isLive || isStream(input) else {
      return try openSource(input, options: settled)
    }
    return try SteadySource(redacted(input), options: settled) { try openSource(input, options: settled) }
  }

  /// The same with an interruption of its own.
  func openAnew(_ input: String) throws -> any FrameSource {
    var copy = options
    copy.interruption = Interruption()
    return try SourceOpener(copy, retries, wishes).open(input)
  }

  private init(_ options: SourceOptions, _ retries: Bool, _ wishes: Result<CameraWishes, any Error>) {
    (self.options, self.retries, self.wishes) = (options, retries, wishes)
  }

  /// A web camera's HTTP stream looks like any address; without an end of its own it is live.
  private func isStream(_ input: String) -> Bool {
    let name = input.lowercased()
    return name.hasPrefix("http") && (name.contains("mjpg") || name.contains("mjpeg"))
  }
}
