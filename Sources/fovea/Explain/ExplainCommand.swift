import Explanations
import Foundation
import Frames
import Imaging
import Models
import Output
import Pipeline
import Settings
import Telemetry

/// `fovea explain`: where a network looks, by several methods side by side.
enum ExplainCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let (address, input) = (arguments[address], try InputArguments(arguments))
    let choice = try ModelArguments(arguments)
    let model = try choice.load()
    let signals = Signals(input.interruption.request)
    defer { signals.cancel() }
    let source = try input.open(address)
    let explainer = try PictureExplainer(arguments, model: model, format: source.format)
    let evaluation = try arguments[evaluate] ? Evaluation(arguments, explainer) : nil
    if evaluation == nil, arguments.has(box) {
      throw UserError("--box goes with --evaluate, which measures whether maps point at it.", .usage)
    }
    let isWritten = evaluation == nil || arguments.has(output) || arguments.has(maps)
    let files = identities(address.files + choice.files, address)
    let output =
      try isWritten ? ExplainOutput(arguments, keeping: files, source: source, explainer: explainer) : nil
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
