import Capture
import Explanations
import Foundation
import Frames
import Imaging
import Media
import Models
import Output
import Pipeline
import Settings
import Telemetry

/// `fovea explain`: where a network looks, by several methods side by side.
enum ExplainCommand: Command {
  static let spec = CommandSpec(
    name: "explain", summary: "show which places of a picture or video mattered to a network",
    discussion: """
      Writes a sheet of the picture, once for each method, each with its heat map; 'fovea methods' lists the methods. Several \
      targets give a block of maps each. Of a video whose output is a picture the first frame is explained; otherwise \
      every frame. Each map stands by itself; 'fovea annotate --saliency' is the one that holds maps steady over time.
      """,
    arguments: [ArgumentSpec("INPUT", "a picture or video, as for annotate")],
    options: [
      OptionSpec(
        "output", .file, short: "o", section: "Output", standard: "NAME-explained.png or .mp4",
        "a picture or video of the maps; with .npz the raw maps instead"),
      OptionSpec("maps", .file, section: "Output", "write the raw maps to FILE.npz (NumPy) too"),
      OptionSpec("overwrite", short: "y", section: "Output", "replace files that exist"),
      OptionSpec(
        "method", .text("METHOD"), section: "Explanation", standard: "grad-cam", repeats: true,
        "how to explain; 'all' for every method that works with the network"),
    ] + SaliencyArguments.specs(section: "Explanation", layer: "layer") + [
      OptionSpec(
        "evaluate", section: "Evaluation",
        "measure how good the maps are, and print a table; pictures only with --output"),
      OptionSpec(
        "box", .text("WxH+X+Y"), section: "Evaluation",
        "where the object is in the picture, in pixels: do maps point at it?"),
    ]
      + SaliencyArguments.styleSpecs(section: "Picture", colormap: "colormap") + [
        OptionSpec("start", .time, section: "Input", "skip what comes before this time"),
        OptionSpec("duration", .time, section: "Input", "stop after this much time"),
      ] + ModelOptions.specs + EngineOptions.specs(section: "Network") + AnnotateCommand.programOptions,
    examples: [
      ("fovea explain cat.jpg -o cat-seen.png -m squeezenet1.1.onnx", "shows what makes it a cat"),
      ("fovea explain cat.jpg -o sheet.png --method all", "compares all methods"),
      (
        "fovea explain pets.jpg -t top,second --method grad-cam,occlusion",
        "shows what speaks for the two best classes"
      ),
    ])

  static func run(_ arguments: ParsedArguments) throws {
    Log.level = arguments.has("quiet") ? .error : arguments.has("verbose") ? .debug : .info
    FFmpegLog.route()
    guard let input = try arguments.argument("INPUT").map(SourceAddress.init) else { return }
    let model = try AnnotateCommand.loadModel(arguments)
    let sourceOptions = AnnotateCommand.sourceOptions(arguments)
    let signals = Signals(sourceOptions.interruption.request)
    defer { signals.cancel() }
    let source = try openSource(input, options: sourceOptions)
    let explainer = try PictureExplainer(arguments, model: model, format: source.format)
    let evaluation = try arguments.has("evaluate") ? Evaluation(arguments, explainer) : nil
    if evaluation == nil, arguments.has("box") {
      throw UserError("--box goes with --evaluate, which measures whether maps point at it.", .usage)
    }
    let isWritten = evaluation == nil || arguments.has("output") || arguments.has("maps")
    let output =
      try isWritten ? ExplainOutput(arguments, input: input, source: source, explainer: explainer) : nil
    do {
      try explainAll(source, explainer, evaluation, output)
      try output?.finish()
    } catch {
      output?.abort()
      throw error
    }
    for path in output?.paths ?? [] { Log.info("wrote \(path)") }
  }

  /// The first picture is evaluated where that was asked for; all are written where there is an output for them.
  private static func explainAll(
    _ source: any FrameSource, _ explainer: PictureExplainer, _ evaluation: Evaluation?, _ output: ExplainOutput?
  ) throws {
    let frame = Frame(source.format)
    var count = 0
    while try source.read(into: frame) {
      let isFirst = count == 0
      let analysis = try explainer.look(frame, isEvaluated: isFirst && evaluation != nil)
      if isFirst, let evaluation { try Terminal.writeOut(evaluation.table(frame, analysis)) }
      count += 1
      guard let output else { break }
      if isFirst { tell(explainer, analysis) }
      try output.write(frame, analysis)
      if output.isSingle { break }
    }
    guard count > 0 else { throw UserError("\(source.info.name) gave no frame before its end, so nothing was written") }
  }

  private static func tell(_ explainer: PictureExplainer, _ analysis: Analysis) {
    for explanations in explainer.blocks(analysis) {
      if let first = explanations.first { Log.info(explainer.heading(first, analysis)) }
      for explanation in explanations {
        if let note = explanation.note { Log.info("\(explanation.method.name): \(note)") }
      }
    }
  }
}
