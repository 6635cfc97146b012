import Capture
import Frames
import Settings

/// Opens sources with the options of the command line.
struct SourceOpener: Sendable {
  private var options: SourceOptions
  private let retries: Bool

  init(_ arguments: ParsedArguments) throws {
    options = AnnotateCommand.sourceOptions(arguments)
    options.loop = arguments.has("loop")
    options.realtime = !arguments.has("no-realtime")
    options.format = arguments.text("input-format")
    options.camera = try CameraArguments.wishes(arguments)
    retries = !arguments.has("no-retry")
  }

  /// Ends the sources that it has opened.
  var interruption: Interruption { options.interruption }

  /// The same with an interruption of its own.
  var anew: SourceOpener {
    var other = self
    other.options.interruption = Interruption()
    return other
  }

  /// A live source comes back when it is lost; others end.
  func open(_ address: SourceAddress) throws -> any FrameSource {
    let options = options
    guard retries, address.isLive else { return try openSource(address, options: options) }
    return try SteadySource(address.displayName, options: options) { try openSource(address, options: options) }
  }
}
