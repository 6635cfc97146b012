import Explanations
import Foundation
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
    try MemoryCheck.check(source.format, encodes: true)
    let explainer = try PictureExplainer(arguments, model: model, format: source.format)
    let evaluation = try arguments[evaluate] ? Evaluation(arguments, explainer) : nil
    if evaluation == nil, arguments.has(box) {
      throw UserError("--box goes with --evaluate, which measures whether maps point at it.", .usage)
    }
    let isWritten = evaluation == nil || arguments.has(output) || arguments.has(maps)
    let files = identities(address.files + choice.files, address)
    let output =
      try isWritten ? ExplainOutput(arguments, keeping: files, source: source, explainer: explainer) : nil
    try ExplainJob(source: source, explainer: explainer, evaluation: evaluation, output: output).run()
  }
}
