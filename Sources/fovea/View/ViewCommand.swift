import Capture
import Explanations
import Foundation
import Frames
import Media
import Models
import Output
import Pipeline
import Settings
import Telemetry
import Viewer

/// `fovea view`: any source, live in the browser.
enum ViewCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    Log.level = arguments.has("quiet") ? .error : arguments.has("verbose") ? .debug : .info
    FFmpegLog.route()
    guard let input = try arguments.argument("INPUT").map(SourceAddress.init) else { return }
    let model = try AnnotateCommand.loadModel(arguments)
    let opener = try SourceOpener(arguments)
    let options = try liveOptions(arguments, model: model, input: input, opener)
    let stop = StopRequest(opener.interruption)
    let signals = Signals(stop.request)
    defer { signals.cancel() }
    let source = try opener.open(input)
    let viewer = try LiveViewer(source: source, model: model, options: options)
    let server = try HTTPServer(serverOptions(arguments)) { viewer.answer($0) }
    stop.onRequest { viewer.stop() }
    defer { server.stop() }
    Log.info("\(source.info.name): \(source.format.width)x\(source.format.height), seen by \(model.name)")
    Log.info("open \(address(arguments, server)) in a browser; press Ctrl-C to end")
    var output: LiveOutput?
    if let place = arguments.text("output") { output = try LiveOutput(Destination(place), viewer: viewer) }
    defer { output?.stop() }
    try viewer.run()
  }

  private static func liveOptions(
    _ arguments: ParsedArguments, model: Model, input: SourceAddress, _ opener: SourceOpener
  ) throws -> LiveOptions {
    var options = LiveOptions()
    options.network = EngineOptions.session(arguments)
    options.isAlwaysOn = arguments.has("always-on")
    if let method = arguments.text("saliency") {
      options.saliency = method == "none" ? nil : try MethodTable.method(named: method).info.name
    }
    options.target = try NamedTarget(arguments.all("target").first ?? "top", of: model).text
    options.layer = try chooseLayers(arguments.all("layer"), in: model.graph).first?.value
    let choices = [try ModelChoice(arguments)] + arguments.all("allow-model").map(ModelChoice.init(allowed:))
    options.models = choices.map { ($0.name, $0.load) }
    let others = try arguments.all("allow-camera").map(SourceAddress.init)
    // A source that was interrupted cannot be read again: each choice opens it anew.
    options.cameras =
      others.isEmpty ? [] : ([input] + others).map { place in (place.displayName, { try opener.anew.open(place) }) }
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
