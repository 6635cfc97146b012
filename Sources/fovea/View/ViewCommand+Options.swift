import Settings

extension ViewCommand {
  static let spec = CommandSpec(
    name: "view", summary: "look into a network live, in the browser",
    discussion: """
      INPUT is a camera (/dev/video0, camera:NAME), a video file, a URL (rtsp, http, tcp, udp), a test picture \
      (synthetic:size=1280x720,rate=30) or - for a pipe. The page shows the picture with what the network says, where it \
      looks, and the feature maps of any layer; any number of browsers may look at once. Nothing leaves this machine.

      The page listens on 127.0.0.1 only. With --listen 0.0.0.0 a token is made and shown, which everyone needs who is to see it.
      """,
    arguments: [ArgumentSpec("INPUT", "the camera or video to look at")],
    options: inputOptions + CameraArguments.specs + modelOptions + viewOptions + serverOptions
      + AnnotateCommand.programOptions,
    examples: [
      ("fovea view /dev/video0", "a webcam, at http://127.0.0.1:8600"),
      ("fovea view walk.mp4 --loop -m squeezenet1.1.onnx", "a clip, again and again"),
      ("fovea view rtsp://camera/stream --saliency none", "a network camera, without heat"),
      ("fovea view /dev/video0 --output v4l2:/dev/video10", "a camera for video conferences that explains itself"),
      ("curl -N http://127.0.0.1:8600/v1/events", "what the network says, as it says it"),
    ])

  private static let inputOptions = [
    OptionSpec("start", .time, section: "Input", "skip what comes before this time"),
    OptionSpec("duration", .time, section: "Input", "stop after this much time"),
    OptionSpec("loop", section: "Input", "start again at the end"),
    OptionSpec("realtime", section: "Input", "read a file no faster than it plays: so it is unless --no-realtime"),
    OptionSpec("no-realtime", section: "Input", "read a file as fast as the network sees it"),
    OptionSpec("no-retry", section: "Input", "end when the camera is lost, instead of waiting for it to come back"),
    AnnotateCommand.formatOption,
  ]

  private static let modelOptions =
    ModelOptions.specs + [
      OptionSpec(
        "allow-model", .file, section: "Network", repeats: true, "another network that viewers may change to")
    ] + EngineOptions.specs(section: "Network")

  private static let viewOptions = [
    OptionSpec(
      "saliency", .text("METHOD"), section: "View", standard: "grad-cam",
      "what shows where the network looks at first, or none; viewers may choose another"),
    OptionSpec(
      "target", .text("TARGET"), short: "t", section: "View", standard: "top", "what is explained at first"),
    OptionSpec(
      "layer", .text("NAME|INDEX"), short: "l", section: "View", standard: "one in the middle",
      "the layer whose feature maps are shown at first"),
    OptionSpec("always-on", section: "View", "run the network though nobody looks"),
    OptionSpec(
      "output", .text("PLACE"), section: "View",
      "write the picture with its overlay there too: v4l2:/dev/video10, a file, a URL"),
    OptionSpec("record-to", .file, section: "View", "the folder where viewers may record to; without it they may not"),
    OptionSpec(
      "allow-camera", .text("INPUT"), section: "View", repeats: true, "another input that viewers may change to"),
  ]

  private static let serverOptions = [
    OptionSpec("port", .integer(0...65535), section: "Server", standard: "8600", "the port; 0 takes a free one"),
    OptionSpec(
      "listen", .text("ADDRESS"), section: "Server", standard: "127.0.0.1",
      "the address to listen on; beyond this machine a token is required"),
    OptionSpec("token", .text("TEXT"), section: "Server", standard: "made at start, beyond this machine", "the token"),
    OptionSpec(
      "allow-host", .text("NAME"), section: "Server", repeats: true,
      "a name under which this server may be asked, as behind a proxy; addresses, localhost and, with --listen, the "
        + "machine's own name need none"),
  ]
}
