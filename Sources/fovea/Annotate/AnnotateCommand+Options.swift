import Settings

extension AnnotateCommand {
  static let spec = CommandSpec(
    name: "annotate",
    summary: "draw what a network sees into every frame of a video",
    discussion: """
      INPUT is a video or picture file, a numbered sequence (frames/%05d.png), a URL (http, rtsp, rtmp, tcp, udp), \
      a test picture (synthetic:size=640x360,frames=90), or - for a pipe.

      OUTPUT is a file (mp4, mkv, webm, mov, avi, gif), a picture, a numbered sequence, a URL (rtsp, rtmp, udp), \
      or - for a pipe. Without OUTPUT, NAME-annotated.mp4 is written to the present folder; with --json or \
      --activations and no OUTPUT, only data is written. Sound, subtitles, chapters and metadata are copied as they are.
      """,
    arguments: [
      ArgumentSpec("INPUT", "the video to look at"),
      ArgumentSpec("OUTPUT", isOptional: true, "where the annotated video goes"),
    ],
    options: inputOptions + modelOptions + pictureOptions + saliencyOptions + outputOptions + dataOptions
      + programOptions,
    examples: [
      ("fovea annotate walk.mp4 seen.mp4", "labels every frame with the default model"),
      (
        "fovea annotate walk.mp4 seen.mp4 -m resnet50.onnx -l 12,40 --layout side",
        "adds the feature maps of two layers beside the picture"
      ),
      (
        "fovea annotate walk.mp4 seen.mp4 -m squeezenet1.1.onnx --saliency grad-cam",
        "shows where the network looks, on every frame"
      ),
      ("fovea annotate walk.mp4 - --format y4m | ffplay -", "plays while it works"),
      ("fovea annotate walk.mp4 --json - | jq .top[0].label", "prints the best class of each frame"),
    ])

  /// What nothing in the data of a pipe says.
  static let formatOption = OptionSpec(
    "input-format", .text("NAME"), section: "Input", standard: "found by looking at the data",
    "the container of INPUT, for pipes: y4m, mpegts, matroska, mjpeg, …")

  private static let inputOptions = [
    OptionSpec("start", .time, section: "Input", "skip what comes before this time"),
    OptionSpec("duration", .time, section: "Input", "stop after this much time"),
    OptionSpec(
      "every", .integer(1...1_000_000), section: "Input", standard: "1",
      "analyse every Nth frame; all frames are written"),
    OptionSpec(
      "batch", .integer(1...64), section: "Input", standard: "4 where large fully connected layers make it pay, else 1",
      "frames of a file that the network sees at a time"),
    OptionSpec("loop", section: "Input", "start again at the end, until interrupted or --duration is over"),
    OptionSpec("realtime", section: "Input", "read no faster than the video plays"),
    formatOption,
  ]

  private static let modelOptions =
    ModelOptions.specs
    + EngineOptions.specs(section: "Network", threads: "one for each core, less one beside an encoder")

  private static let pictureOptions = [
    OptionSpec("top", .integer(0...20), short: "k", section: "Picture", standard: "5", "how many classes to show"),
    OptionSpec(
      "layer", .text("NAME|INDEX"), short: "l", section: "Picture", repeats: true,
      "show the feature maps of this layer; with --saliency, METHOD looks at it too; 'fovea inspect MODEL' lists them"),
    OptionSpec(
      "channels", .text("N|LIST"), section: "Picture", standard: "as many as fit",
      "how many feature maps to show, or which: 16, or 0,5,8-15"),
    OptionSpec(
      "sort", .choice(["index", "strength"]), section: "Picture", standard: "index", "the order of the feature maps"),
    OptionSpec(
      "normalize", .choice(["channel", "layer"]), section: "Picture", standard: "channel",
      "what a feature map's brightest point is measured by"),
    OptionSpec(
      "colormap", .choice(["gray", "viridis", "magma", "turbo"]), section: "Picture", standard: "viridis",
      "the colours of the feature maps"),
    OptionSpec(
      "layout", .choice(["overlay", "side", "below"]), section: "Picture", standard: "overlay",
      "where the annotation goes: on the picture or next to it"),
    OptionSpec("show-crop", section: "Picture", "mark the part of the picture that the network sees"),
    OptionSpec("status", section: "Picture", "add a line with time, frame, model and milliseconds"),
  ]

  private static let outputOptions = [
    OptionSpec("overwrite", short: "y", section: "Output", "replace OUTPUT if it exists"),
    OptionSpec(
      "format", .text("NAME"), short: "f", section: "Output", standard: "by OUTPUT's name",
      "mp4, mkv, webm, mov, avi, gif; for a pipe y4m, rawvideo, mjpeg, mpegts, matroska"),
    OptionSpec(
      "codec", .text("NAME"), section: "Output", standard: "by format", "the video encoder, as FFmpeg calls it"),
    OptionSpec(
      "crf", .number(0...63), section: "Output", standard: "20 for H.264", "constant quality; lower is better"),
    OptionSpec("preset", .text("NAME"), section: "Output", standard: "veryfast for H.264", "the encoder's speed"),
    OptionSpec("bitrate", .text("RATE"), section: "Output", "bits per second, such as 800k or 4M, instead of --crf"),
    OptionSpec(
      "pix-fmt", .text("NAME"), section: "Output", standard: "that of INPUT where the encoder takes it",
      "the pixel format, as FFmpeg calls it"),
    OptionSpec("no-copy", section: "Output", "leave out sound, subtitles and other streams"),
  ]

  private static let dataOptions = [
    OptionSpec("json", .file, section: "Data", "write one JSON object per frame to FILE, or - for standard output"),
    OptionSpec("activations", .file, section: "Data", "write the layers' values to FILE.npz (NumPy)"),
  ]

  static let programOptions = [
    OptionSpec("quiet", short: "q", section: "Program", "say nothing but errors"),
    OptionSpec("verbose", short: "v", section: "Program", "say more"),
  ]
}
