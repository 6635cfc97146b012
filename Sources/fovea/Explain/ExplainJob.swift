import Frames
import Output
import Pipeline
import Telemetry

/// One run over pictures: the first is evaluated where that was asked for; all are written where there is an output for them.
struct ExplainJob {
  let source: any FrameSource
  let explainer: PictureExplainer
  let evaluation: Evaluation?
  let output: ExplainOutput?

  func run() throws {
    let sinks = output?.sinks ?? []
    var (count, sourceFailed) = (0, false)
    do {
      let frame = Frame(source.format)
      while try read(into: frame, &sourceFailed) {
        try explain(frame, isFirst: count == 0)
        count += 1
        if output?.isSingle != false { break }
      }
      let isCut = Signals.exitStatus != nil && !source.info.isLive
      guard count > 0 else { throw nothingWritten(from: source.info, isInterrupted: isCut) }
      if isCut { Log.info("interrupted at picture \(count)") }
      try sinks.finish(isCut ? .cutShort : .complete)
      if !isCut { for path in output?.paths ?? [] { Log.info("wrote \(path)") } }
    } catch { throw sinks.settle(after: error, written: count, isWhole: sourceFailed) }
  }

  private func read(into frame: Frame, _ failed: inout Bool) throws -> Bool {
    do { return try source.read(into: frame) } catch {
      failed = true
      throw error
    }
  }

  private func explain(_ frame: Frame, isFirst: Bool) throws {
    let analysis = try explainer.look(frame, isEvaluated: isFirst && evaluation != nil)
    if isFirst, let evaluation { try Terminal.writeOut(evaluation.table(frame, analysis)) }
    guard let output else { return }
    if isFirst { tell(analysis) }
    try output.write(frame, analysis)
  }

  private func tell(_ analysis: Analysis) {
    for explanations in explainer.blocks(analysis) {
      if let first = explanations.first { Log.info(explainer.heading(first, analysis)) }
      for explanation in explanations {
        if let note = explanation.note { Log.info("\(explanation.method.name): \(note)") }
      }
    }
  }
}
