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
  private let json: String?, activations: String?
  private let options: SinkOptions

  /// - Parameter keeping: the files that are read.
  init(_ arguments: ParsedArguments, keeping: Set<FileIdentity>) throws {
    (json, activations) = (arguments[AnnotateCommand.json], arguments[AnnotateCommand.activations])
    let wantsData = json != nil || activations != nil
    output =
      arguments[AnnotateCommand.output]
      ?? (wantsData ? nil : .file(arguments[AnnotateCommand.input].outputName(suffix: "annotated")))
    if output == .pipe && json == "-" {
      throw UserError("OUTPUT and --json cannot both go to standard output; give one of them a file name.", .usage)
    }
    if activations != nil && !arguments.has(AnnotateCommand.layer) {
      throw UserError("--activations needs --layer: it writes the values of these layers.", .usage)
    }
    try refuseSharedNames([output?.path, json, activations].compactMap { $0 })
    var options = try OutputArguments.sink(
      arguments, keeping: keeping, copiesCompanions: !arguments[AnnotateCommand.noCopy])
    options.keepsStart = arguments[AnnotateCommand.keepStart]
    self.options = options
  }

  /// The sinks of video and data. The data files are made here, under names for unfinished files; the video's when the job opens its
  /// sink.
  func presentation(_ arguments: ParsedArguments, layers: [LayerSummary]) throws -> Presentation {
    var presentation = Presentation()
    (presentation.style, presentation.layout) = (style(arguments), arguments[AnnotateCommand.layout])
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

  private func style(_ arguments: ParsedArguments) -> OverlayStyle {
    var style = OverlayStyle()
    style.topCount = arguments[AnnotateCommand.top]
    if style.topCount == 0 { style.overlays.remove(TopClassesPanel.name) }
    if arguments[AnnotateCommand.showCrop] || arguments.has(AnnotateCommand.saliency) {
      style.overlays.insert(CropFrame.name)
    }
    if arguments[AnnotateCommand.status] { style.overlays.insert(StatusLine.name) }
    style.channels = arguments[AnnotateCommand.channels]
    style.order = arguments[AnnotateCommand.sort]
    style.normalization = arguments[AnnotateCommand.normalize]
    style.colormap = arguments[AnnotateCommand.colormap]
    style.heat = SaliencyArguments.style(arguments, colors: AnnotateCommand.heat)
    return style
  }
}

/// Throws when a channel is wanted that none of the layers has.
private func checkChannels(_ selection: ChannelSelection, of layers: [LayerSummary]) throws {
  guard case .list(let list) = selection, let highest = list.max(),
    let most = layers.map({ $0.outputShape.count > 1 ? $0.outputShape[1] : 1 }).max(), highest >= most
  else { return }
  throw UserError("there is no channel \(highest): the layer has channels 0 to \(most - 1).", .usage)
}
