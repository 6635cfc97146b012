import Capture
import Frames
import Imaging
import Inference
import Models
import Output
import Pipeline
import Settings
import Telemetry

/// Where an annotation goes. Names are checked here, before any work starts.
struct OutputPlan {
  /// The video's place; nil when only data is wanted.
  let output: Destination?
  private let json: String?
  private let activations: String?
  private let options: SinkOptions

  init(_ arguments: ParsedArguments, input: SourceAddress) throws {
    json = arguments.text("json")
    activations = arguments.text("activations")
    let wantsData = json != nil || activations != nil
    output =
      try arguments.argument("OUTPUT").map(Destination.init)
      ?? (wantsData ? nil : .file(input.outputName(suffix: "annotated")))
    if output == .pipe && json == "-" {
      throw UserError("OUTPUT and --json cannot both go to standard output; give one of them a file name.", .usage)
    }
    if activations != nil && !arguments.has("layer") {
      throw UserError("--activations needs --layer: it writes the values of these layers.", .usage)
    }
    if arguments.has("crf") && arguments.has("bitrate") {
      throw UserError("--crf and --bitrate exclude each other; give one of them.", .usage)
    }
    var options = SinkOptions(
      format: arguments.text("format"), codec: arguments.text("codec"), crf: arguments.number("crf"),
      preset: arguments.text("preset"), pixelFormat: arguments.text("pix-fmt"), overwrite: arguments.has("overwrite"),
      copiesCompanions: !arguments.has("no-copy"))
    try refuseSharedNames([output?.path, json, activations].compactMap { $0 })
    options.keeping = filesRead(arguments, input: input)
    options.bitrate = try arguments.text("bitrate").map(SinkOptions.bitrate)
    self.options = options
  }

  /// Opens nothing but checks everything: the video sink and the data sinks.
  func presentation(_ arguments: ParsedArguments, layers: [LayerSummary]) throws -> Presentation {
    var presentation = Presentation()
    presentation.style = try style(arguments)
    presentation.layout = arguments.text("layout").flatMap(PictureLayout.init(rawValue:)) ?? .overlay
    try checkChannels(presentation.style.channels, of: layers)
    if let output { presentation.sink = try openSink(output, options: options) }
    do {
      if let json { presentation.data.append(try JSONReport(json, options: options)) }
      if let activations {
        presentation.data.append(try ActivationReport(activations, layers: layers, options: options))
      }
    } catch {
      presentation.abort()
      throw error
    }
    return presentation
  }

  private func style(_ arguments: ParsedArguments) throws -> OverlayStyle {
    var style = OverlayStyle()
    style.topCount = arguments.integer("top") ?? Wishes.standardTop
    if style.topCount == 0 { style.overlays.remove(TopClassesPanel.name) }
    if arguments.has("show-crop") || arguments.has("saliency") { style.overlays.insert(CropFrame.name) }
    if arguments.has("status") { style.overlays.insert(StatusLine.name) }
    style.channels = try arguments.text("channels").map(channelSelection) ?? .automatic(limit: nil)
    style.order = arguments.text("sort").flatMap(ChannelOrder.init(rawValue:)) ?? .index
    style.normalization = arguments.text("normalize").flatMap(Normalization.init(rawValue:)) ?? .channel
    style.colormap = arguments.text("colormap").flatMap(Colormap.init(rawValue:)) ?? .viridis
    style.heat = SaliencyArguments.style(arguments, colormap: "heat")
    return style
  }
}

/// `16`: how many; `0,5,17` or `8-15`: which.
func channelSelection(_ text: String) throws -> ChannelSelection {
  if let count = Int(text), count > 0, count <= 65536 { return .automatic(limit: count) }
  var list: [Int] = []
  for part in text.split(separator: ",", omittingEmptySubsequences: false) {
    let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 0 <= first, first <= last,
      last < 65536
    else {
      throw UserError("'--channels \(text)': a count such as 16, or channels such as 0,5,8-15 are needed.", .usage)
    }
    list += first...last
  }
  return .list(list)
}

/// Throws when a channel is wanted that none of the layers has.
private func checkChannels(_ selection: ChannelSelection, of layers: [LayerSummary]) throws {
  guard case .list(let list) = selection, let highest = list.max(),
    let most = layers.map({ $0.outputShape.count > 1 ? $0.outputShape[1] : 1 }).max(), highest >= most
  else { return }
  throw UserError("there is no channel \(highest): the layer has channels 0 to \(most - 1).", .usage)
}
