import Capture
import Foundation
import Frames
import Imaging
import Inference
import Media
import Models
import Output
import Pipeline
import Settings
import Telemetry
import Tensors

/// `fovea annotate`: any video in, annotated video out.
enum AnnotateCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    Log.level = arguments.has("quiet") ? .error : arguments.has("verbose") ? .debug : .info
    FFmpegLog.route()
    guard let input = try arguments.argument("INPUT").map(SourceAddress.init) else { return }
    let plan = try OutputPlan(arguments, input: input)
    let model = try loadModel(arguments)
    let layers = try chooseLayers(arguments.all("layer"), in: model.graph)
    var sourceOptions = sourceOptions(arguments)
    sourceOptions.loop = arguments.has("loop")
    sourceOptions.realtime = arguments.has("realtime")
    sourceOptions.format = arguments.text("input-format")
    let stop = StopRequest(sourceOptions.interruption)
    let signals = Signals(stop.request)
    defer { signals.cancel() }
    Log.debug("waiting for the first frame of \(input.displayName)")
    // What does not wait is opened once all else is ready.
    let early = input.canWait ? try openSource(input, options: sourceOptions) : nil
    let network = try CompiledNetwork(
      model.graph, options: EngineOptions.session(arguments, besideEncoder: plan.output != nil))
    let analyst = try Analyst(
      model, network, batch: BatchChoice.frames(arguments, model: model, source: early))
    let wishes = Wishes(
      top: max(1, arguments.integer("top") ?? Wishes.standardTop), layers: layers.map(\.value),
      explanations: try explanation(arguments, model: model, layers: layers).map { [$0] } ?? [])
    let source = try early ?? openSource(input, options: sourceOptions)
    let presentation = try plan.presentation(arguments, layers: layers)
    let job: AnnotationJob
    do {
      job = try makeJob(arguments, source, analyst, wishes, Presenter(presentation, source: source.info.name))
    } catch {
      presentation.abort()
      throw error
    }
    stop.onRequest { job.finishEarly() }
    try run(job, source: source, model: model, output: plan.output?.displayName)
  }

  private static func makeJob(
    _ arguments: ParsedArguments, _ source: any FrameSource, _ analyst: Analyst, _ wishes: Wishes,
    _ presenter: Presenter
  ) throws -> AnnotationJob {
    var options = AnnotationOptions()
    (options.wishes, options.every) = (wishes, arguments.integer("every") ?? 1)
    try presenter.prepare(source.format)
    let hidden = wishes.layers.dropFirst(presenter.layersShown(of: wishes.layers.count))
    if !hidden.isEmpty {
      Log.warning("the picture has no room for the feature maps of \(hidden.joined(separator: ", "))")
    }
    return try AnnotationJob(source: source, analyst: analyst, presenter: presenter, options: options)
  }

  private static func run(_ job: AnnotationJob, source: any FrameSource, model: Model, output: String?) throws {
    let clock = SystemTime()
    let start = clock.now()
    let line = ProgressLine(total: source.info.frameCount) { model.labels[$0] }
    let result = Result { try job.run { line.show($0) } }
    line.clear()
    let progress = try result.get()
    let seconds = clock.now().seconds(since: start)
    for text in summaryLines(progress, seconds: seconds, output: output, label: { model.labels[$0] }) { Log.info(text) }
  }

  static func loadModel(_ arguments: ParsedArguments) throws -> Model {
    let model = try ModelChoice(arguments).load()
    for warning in model.warnings { Log.warning(warning) }
    return model
  }

  static func sourceOptions(_ arguments: ParsedArguments) -> SourceOptions {
    var options = SourceOptions()
    options.start = arguments.seconds("start")
    options.duration = arguments.seconds("duration")
    return options
  }
}
