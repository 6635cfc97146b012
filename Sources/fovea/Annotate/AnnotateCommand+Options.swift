import Capture
import Explanations
import Imaging
import Pipeline
import Settings

extension AnnotateCommand {
  static let input = Argument("INPUT", InputArguments.address, "the video or camera to look at")
  static let output = Argument("OUTPUT", optional: OutputArguments.destination, "where the annotated video goes")

  static let spec = CommandSpec(
    name: "annotate",
    summary: "draw what a network sees into every frame of a video",
    discussion: """
      INPUT is a video or picture file, a numbered sequence (frames/%05d.png), a URL (http, rtsp, rtmp, tcp, udp), a \
      camera (/dev/video0, camera:NAME), a test picture (synthetic:size=640x360,frames=90), or - for a pipe.

      OUTPUT is a file (mp4, mkv, webm, mov, avi, gif), a picture, a numbered sequence, a URL (rtsp, rtmp, udp), \
      or - for a pipe. Without OUTPUT, NAME-annotated.mp4 is written to the present folder; with --json or \
      --activations and no OUTPUT, only data is written. Sound, subtitles, chapters and metadata are copied; \
      sound and text that OUTPUT's format cannot hold are converted.
      """,
    arguments: [input, output],
    options: InputArguments.options + [every, batch] + ModelArguments.options + EngineArguments.options
      + pictureOptions + saliencyOptions + OutputArguments.options + dataOptions + ProgramArguments.options,
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

  // MARK: which frames

  static let every = Option(
    "every", .integer(1...1_000_000), default: AnnotationOptions().every, section: "Input",
    "analyse every Nth frame; all frames are written")
  static let batch = Option(
    "batch", .integer(1...64), standard: "4 where large fully connected layers make it pay, else 1", section: "Input",
    "frames of a file that the network sees at a time")

  // MARK: the picture

  private static let style = OverlayStyle()

  static let top = Option(
    "top", .integer(0...20), default: style.topCount, short: "k", section: "Picture", "how many classes to show")
  static let layer = Option(
    "layer", repeated: .text("NAME|INDEX"), short: "l", section: "Picture",
    "show the feature maps of this layer; with --saliency, METHOD looks at it too; 'fovea inspect MODEL' lists them")
  static let channels = Option(
    "channels", .channels, default: style.channels, standard: "as many as fit", section: "Picture",
    "how many feature maps to show, or which: 16, or 0,5,8-15")
  static let sort = Option(
    "sort", .choice, default: style.order, section: "Picture", "the order of the feature maps")
  static let normalize = Option(
    "normalize", .choice, default: style.normalization, section: "Picture",
    "what a feature map's brightest point is measured by")
  static let colormap = Option(
    "colormap", .choice, default: style.colormap, section: "Picture", "the colours of the feature maps")
  static let layout = Option(
    "layout", .choice, default: PictureLayout.overlay, section: "Picture",
    "where the annotation goes: on the picture or next to it")
  /// The switches that add overlays, by the overlay's name.
  static let overlays = OverlayTable.all.compactMap { overlay in
    overlay.option.map { (overlay: overlay.name, option: Option($0.name, section: "Picture", $0.help)) }
  }

  private static let pictureOptions: [any OptionSpec] =
    [top, layer, channels, sort, normalize, colormap, layout] + overlays.map(\.option)

  // MARK: where it looks

  static let saliency = Option(
    "saliency", SaliencyArguments.method(), section: "Saliency",
    "show which places mattered, by this method; 'fovea methods' lists them")
  static let saliencyLayer = SaliencyArguments.layer("saliency-layer")
  static let heat = SaliencyArguments.colors("heat")
  static let smooth = Option(
    "smooth", .number(0...60), default: Steadiness.video.mapHalfLife, section: "Saliency",
    "half-life of the heat in seconds; 0: each frame by itself")
  static let hold = Option(
    "hold", .integer(0...1000), default: 6, section: "Saliency",
    "frames in a row that a new top class must come first before it is explained")

  /// What goes with --saliency only.
  static let saliencyDetails = SaliencyArguments.options + [saliencyLayer, heat, smooth, hold]
  private static let saliencyOptions = [saliency] + saliencyDetails

  // MARK: what is written

  static let keepStart = Option(
    "keep-start", section: "Output",
    "keep the times of an input that starts late; otherwise mp4, mov, webm, avi and flv begin at 0")
  private static let dataOptions: [any OptionSpec] =
    OutputArguments.companionOptions + [keepStart] + DataReportTable.all.map { $0.option }
}

extension ValueKind where Value == ChannelSelection {
  /// `16`: how many; `0,5,17` or `8-15`: which.
  fileprivate static var channels: ValueKind {
    ValueKind("N|LIST", needed: "a count such as 16, or channels such as 0,5,8-15 are needed") { text in
      if let count = Int(text), count > 0, count <= 65536 { return .automatic(limit: count) }
      var list: [Int] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 0 <= first, first <= last,
          last < 65536
        else { return nil }
        list += first...last
      }
      return .list(list)
    }
  }
}
