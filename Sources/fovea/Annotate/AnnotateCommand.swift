import Capture
import Foundation
import Frames
import Imaging
import Inference
import Models
import Output
import Pipeline
import Settings
import Telemetry
import Tensors

/// `fovea annotate`: any video in, annotated video out.
enum AnnotateCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let (address, input) = (arguments[input], InputArguments(arguments))
    let choice = try ModelArguments(arguments)
    let plan = try OutputPlan(arguments, keeping: identities(address.files + choice.files, address))
    let model = try choice.load()
    let layers = try chooseLayers(arguments[layer], in: model.graph)
    let stop = StopRequest(input.interruption)
    let signals = Signals(stop.request)
    defer { signals.cancel() }
    Log.debug("waiting for the first frame of \(address.displayName)")
    // A camera or stream is opened last: its pictures would be lost while the network is prepared.
    let early = address.canWait ? try input.open(address) : nil
    var sessionOptions = EngineArguments.session(arguments, besideEncoder: plan.output != nil)
    sessionOptions.batch = try BatchChoice.frames(arguments, model: model, source: early)
    let session = try Session(graph: model.graph, taps: layers.map(\.value), options: sessionOptions)
    let saliency = try saliency(arguments, model: model, session: session, layers: layers)
    let source = try early ?? input.open(address)
    let presentation = try plan.presentation(arguments, source: source, model: model, layers: layers)
    var options = AnnotationOptions()
    options.top = arguments[top]
    options.every = arguments[every]
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
    try run(job, source: source, model: model, output: plan.output?.displayName)
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
}
