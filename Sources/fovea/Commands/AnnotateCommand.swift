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
    guard let input = arguments.argument("INPUT") else { return }
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
    Log.debug("waiting for the first frame of \(redacted(input))")
    // What does not wait is opened once all else is ready.
    let early = BatchChoice.canWait(input) ? try openSource(input, options: sourceOptions) : nil
    let network = try CompiledNetwork(
      model.graph, options: EngineOptions.session(arguments, besideEncoder: plan.output != nil))
    let session = try network.batched(BatchChoice.frames(arguments, network: network, source: early))
      .session(taps: layers.map(\.value))
    let saliency = try saliency(arguments, model: model, session: session, layers: layers)
    let source = try early ?? openSource(input, options: sourceOptions)
    let presentation = try plan.presentation(arguments, source: source, model: model, layers: layers)
    var options = AnnotationOptions()
    options.top = arguments.integer("top") ?? 5
    options.every = arguments.integer("every") ?? 1
    options.taps = layers.map(\.value)
    let job: AnnotationJob
    do {
      job = try AnnotationJob(
        source: source, model: model, session: session, presentation: presentation, options: options,
        saliency: saliency)
    } catch {
      presentation.abort()
      throw error
    }
    stop.onRequest { job.finishEarly() }
    try run(job, source: source, model: model, output: plan.output)
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
