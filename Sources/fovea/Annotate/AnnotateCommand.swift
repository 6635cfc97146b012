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
    let (address, input) = (arguments[input], try InputArguments(arguments))
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
    let network = try CompiledNetwork(
      model.graph, options: EngineArguments.network(arguments, besideEncoder: plan.output != nil))
    let analyst = try Analyst(model, network, batch: BatchChoice.frames(arguments, network: network, source: early))
    let wishes = Wishes(
      top: max(1, arguments[top]), layers: layers.map(\.value),
      explanations: try explanation(arguments, model: model, layers: layers).map { [$0] } ?? [])
    let source = try early ?? input.open(address)
    try MemoryCheck.check(source.format, encodes: plan.output != nil)
    let presentation = try plan.presentation(arguments, layers: layers, analyst)
    let job: AnnotationJob
    do {
      job = try makeJob(arguments, source, analyst, wishes, Presenter(presentation, source: source.info.name))
    } catch {
      presentation.sinks.abort()
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
    (options.wishes, options.every) = (wishes, arguments[every])
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
    // What was there before may have kept its name; the output has said so.
    let isCut = Signals.exitStatus != nil
    if isCut { Log.info("interrupted at frame \(progress.written)") }
    let output = isCut ? nil : output
    for text in summaryLines(progress, seconds: seconds, output: output, label: { model.labels[$0] }) { Log.info(text) }
  }
}
