import Capture
import Explanations
import Foundation
import Frames
import Models
import Pipeline
import Settings
import Telemetry
import Viewer

/// `fovea view`: any source, live in the browser.
enum ViewCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let input = try InputArguments(arguments, watched: true)
    let choice = try ModelArguments(arguments)
    let model = try choice.load()
    let options = try liveOptions(arguments, model: model, choice, input)
    let stop = StopRequest(input.interruption)
    let signals = Signals(isUsualEnd: true, stop.request)
    defer { signals.cancel() }
    let source = try input.open(arguments[address])
    try MemoryCheck.check(source.format, encodes: true)
    let viewer = try LiveViewer(source: source, model: model, options: options)
    let server = try HTTPServer(serverOptions(arguments)) { viewer.answer($0) }
    stop.onRequest { viewer.stop() }
    defer { server.stop() }
    Log.info("\(source.info.name): \(source.format.width)x\(source.format.height), seen by \(model.name)")
    Log.info("open \(url(arguments, server)) in a browser; press Ctrl-C to end")
    var output: LiveOutput?
    if let place = arguments[Self.output] {
      let keeping = identities(arguments[address].files + choice.files, arguments[address])
      output = try LiveOutput(
        place, OutputArguments.sink(arguments, keeping: keeping, copiesCompanions: true), viewer: viewer)
    }
    defer { output?.stop() }
    try viewer.run()
  }

  private static func liveOptions(
    _ arguments: ParsedArguments, model: Model, _ choice: ModelArguments, _ input: InputArguments
  ) throws -> LiveOptions {
    var options = LiveOptions()
    options.network = EngineArguments.network(arguments)
    options.policy.isAlwaysOn = arguments[alwaysOn]
    options.saliency = arguments[saliency] == "none" ? nil : arguments[saliency]
    options.target = try NamedTarget(arguments[target], of: model).text
    options.layer = try arguments[layer].flatMap { try chooseLayers([$0], in: model.graph).first?.value }
    let choices = [choice] + arguments[allowModel].map(ModelArguments.init(allowed:))
    options.models = choices.map { ($0.name, $0.load) }
    let others = arguments[allowCamera]
    // A source that was interrupted cannot be read again: each choice opens it anew.
    options.cameras =
      others.isEmpty
      ? [] : ([arguments[address]] + others).map { place in (place.displayName, { try input.anew.open(place) }) }
    if let folder = arguments[recordTo] {
      options.recorder = { try RecordingPlace.make(in: folder) }
    }
    return options
  }

  private static func serverOptions(_ arguments: ParsedArguments) throws -> HTTPServerOptions {
    var options = HTTPServerOptions()
    (options.host, options.port, options.token) = (arguments[listen], arguments[port], arguments[token])
    if options.token == nil, !options.isLoopback { options.token = HTTPToken.generate() }
    options.allowedHosts = arguments[allowHost]
    return options
  }

  private static func url(_ arguments: ParsedArguments, _ server: HTTPServer) -> String {
    let host = arguments[listen]
    let shown = host.contains(":") ? "[\(host)]" : host
    let token = server.token.map { "/?token=\($0)" } ?? ""
    return "http://\(shown):\(server.port)\(token)"
  }
}
