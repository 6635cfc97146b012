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
  private let data: [(kind: any DataReport.Type, path: String)]
  private let options: SinkOptions

  /// - Parameter keeping: the files that are read.
  init(_ arguments: ParsedArguments, keeping: Set<FileIdentity>) throws {
    data = DataReportTable.all.compactMap { kind in arguments[kind.option].map { (kind, $0) } }
    output =
      arguments[AnnotateCommand.output]
      ?? (data.isEmpty ? .file(arguments[AnnotateCommand.input].outputName(suffix: "annotated")) : nil)
    for (kind, path) in data {
      if output == .pipe && path == "-" {
        throw UserError(
          "OUTPUT and --\(kind.option.name) cannot both go to standard output; give one of them a file name.", .usage)
      }
      if kind.needsLayers && !arguments.has(AnnotateCommand.layer) {
        throw UserError("--\(kind.option.name) needs --layer: it writes the values of these layers.", .usage)
      }
    }
    try refuseSharedNames([output?.path].compactMap { $0 } + data.map(\.path))
    var options = try OutputArguments.sink(arguments, keeping: keeping, hasCompanions: true)
    options.keepsStart = arguments[AnnotateCommand.keepStart]
    self.options = options
  }

  /// The sinks of video and data. The data files are made here, under names for unfinished files; the video's when the job opens its
  /// sink.
  func presentation(_ arguments: ParsedArguments, layers: [LayerSummary], _ analyst: Analyst) throws -> Presentation {
    var presentation = Presentation()
    (presentation.style, presentation.layout) = (style(arguments), arguments[AnnotateCommand.layout])
    try checkChannels(presentation.style.channels, of: layers, analyst)
    if let output { presentation.sink = try openSink(output, options: options) }
    do {
      for (kind, path) in data { presentation.data.append(try kind.init(path, layers: layers, options: options)) }
    } catch {
      presentation.sinks.abort()
      throw error
    }
    return presentation
  }

  private func style(_ arguments: ParsedArguments) -> OverlayStyle {
    var style = OverlayStyle()
    style.topCount = arguments[AnnotateCommand.top]
    if style.topCount == 0 { style.overlays.remove(TopClassesPanel.name) }
    if !arguments.has(AnnotateCommand.layer) { style.overlays.remove(FeatureMosaic.name) }
    for (overlay, option) in AnnotateCommand.overlays where arguments[option] { style.overlays.insert(overlay) }
    if arguments.has(AnnotateCommand.saliency) { style.overlays.insert(CropFrame.name) }
    style.channels = arguments[AnnotateCommand.channels]
    style.order = arguments[AnnotateCommand.sort]
    style.normalization = arguments[AnnotateCommand.normalize]
    style.colormap = arguments[AnnotateCommand.colormap]
    style.heat = SaliencyArguments.style(arguments, colors: AnnotateCommand.heat)
    return style
  }
}

/// Throws when a channel is wanted that none of the layers has.
private func checkChannels(_ selection: ChannelSelection, of layers: [LayerSummary], _ analyst: Analyst) throws {
  guard case .list(let list) = selection, let highest = list.max(),
    let most = layers.compactMap({ analyst.extent(of: $0.value)?.channels }).max(), highest >= most
  else { return }
  throw UserError("there is no channel \(highest): the layer has channels 0 to \(most - 1).", .usage)
}
