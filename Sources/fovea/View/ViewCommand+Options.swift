import Explanations
import Settings
import Viewer

extension ViewCommand {
  static let address = Argument("INPUT", InputArguments.address, "the camera or video to look at")

  static let spec = CommandSpec(
    name: "view", summary: "look into a network live, in the browser",
    discussion: """
      INPUT is a camera (/dev/video0, camera:NAME), a video file, a URL (rtsp, http, tcp, udp), a test picture \
      (synthetic:size=1280x720,rate=30) or - for a pipe. The page shows the picture with what the network says, where it \
      looks, and the feature maps of any layer; any number of browsers may look at once. Nothing leaves this machine.

      The page listens on 127.0.0.1 only. With --listen 0.0.0.0 a token is made and shown, which browsers then need.
      """,
    arguments: [address],
    options: InputArguments.watchedOptions + ModelArguments.options + [allowModel] + EngineArguments.options
      + viewOptions + [output] + OutputArguments.options + OutputArguments.companionOptions
      + serverOptions + ProgramArguments.options,
    examples: [
      ("fovea view /dev/video0", "a webcam, at http://127.0.0.1:8600"),
      ("fovea view walk.mp4 --loop -m squeezenet1.1.onnx", "a clip, again and again"),
      ("fovea view rtsp://camera/stream --saliency none", "a network camera, without heat"),
      ("fovea view /dev/video0 --output v4l2:/dev/video10", "a camera for video conferences that explains itself"),
      ("curl -N http://127.0.0.1:8600/v1/events", "what the network says, as it says it"),
    ])

  // MARK: what is shown at first, and what viewers may change to

  private static let standard = LiveOptions()

  static let allowModel = Option(
    "allow-model", repeated: .file, section: "Network", "another network that viewers may change to")
  static let saliency = Option(
    "saliency", SaliencyArguments.method(or: "none"), default: MethodTable.standard, section: "View",
    "what shows where the network looks at first, or none; viewers may choose another")
  static let target = Option(
    "target", .text("TARGET"), default: standard.target, short: "t", section: "View", "what is explained at first")
  static let layer = Option(
    "layer", .text("NAME|INDEX"), standard: "one in the middle", short: "l", section: "View",
    "the layer whose feature maps are shown at first")
  static let alwaysOn = Option("always-on", section: "View", "run the network even while there is no viewer")
  static let recordTo = Option(
    "record-to", .file, section: "View", "the folder where viewers may record to; without it they may not")
  static let allowCamera = Option(
    "allow-camera", repeated: InputArguments.address, section: "View", "another input that viewers may change to")

  private static let viewOptions: [any OptionSpec] = [
    saliency, target, layer, alwaysOn, recordTo, allowCamera,
  ]

  static let output = Option(
    "output", OutputArguments.destination, section: "Output",
    "write the picture with its overlay there too: v4l2:/dev/video10, a file, a URL")

  // MARK: the server

  private static let server = HTTPServerOptions()

  static let port = Option(
    "port", .integer(0...65535), default: server.port, section: "Server", "the port; 0 takes a free one")
  static let listen = Option(
    "listen", .text("ADDRESS"), default: server.host, section: "Server",
    "the address to listen on; beyond this machine a token is required")
  static let token = Option(
    "token", .text("TEXT"), standard: "made at start, beyond this machine", section: "Server", "the token")
  static let allowHost = Option(
    "allow-host", repeated: .text("NAME"), section: "Server",
    "a name under which this server may be asked, as behind a proxy; addresses, localhost and, with --listen, the "
      + "machine's own name need none")

  private static let serverOptions: [any OptionSpec] = [port, listen, token, allowHost]
}
