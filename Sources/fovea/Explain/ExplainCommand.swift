import Explanations
import Foundation
import Frames
import Imaging
import Models
import Output
import Settings
import Telemetry

/// `fovea explain`: where a network looks, by several methods side by side.
enum ExplainCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let (address, input) = (arguments[address], InputArguments(arguments))
    let choice = try ModelArguments(arguments)
    let model = try choice.load()
    let signals = Signals(input.interruption.request)
    defer { signals.cancel() }
    let source = try input.open(address)
    let explainer = try PictureExplainer(arguments, model: model, format: source.format)
    guard !explainer.methods.isEmpty else { throw UserError("no method works with this network.") }
    if arguments[Self.evaluate] {
      try evaluate(arguments, source, explainer)
      guard arguments.has(output) || arguments.has(maps) else { return }
    } else if arguments.has(box) {
      throw UserError("--box goes with --evaluate, which measures whether maps point at it.", .usage)
    }
    let files = identities(address.files + choice.files, address)
    let output = try ExplainOutput(arguments, keeping: files, source: source, explainer: explainer)
    do {
      try explainAll(source, explainer, output)
      try output.finish()
    } catch {
      output.abort()
      throw error
    }
    for path in output.paths { Log.info("wrote \(path)") }
  }

  private static func evaluate(
    _ arguments: ParsedArguments, _ source: any FrameSource, _ explainer: PictureExplainer
  ) throws {
    let evaluation = try Evaluation(arguments, explainer)
    let frame = Frame(source.format)
    guard try source.read(into: frame) else { throw UserError("\(source.info.name) gave no frame before its end") }
    explainer.first = frame
    try Terminal.writeOut(evaluation.table(frame))
  }

  private static func explainAll(
    _ source: any FrameSource, _ explainer: PictureExplainer, _ output: ExplainOutput
  ) throws {
    let frame = explainer.first ?? Frame(source.format)
    var count = 0
    while try (count == 0 && explainer.first != nil) || source.read(into: frame) {
      let blocks = try explainer.explain(frame)
      if count == 0 { tell(blocks) }
      try output.write(frame, blocks)
      count += 1
      if output.isSingle { break }
    }
    guard count > 0 else { throw UserError("\(source.info.name) gave no frame before its end, so nothing was written") }
  }

  private static func tell(_ blocks: [[ExplainedMap]]) {
    for maps in blocks {
      if let first = maps.first { Log.info(heading(first)) }
      for map in maps { if let note = map.note { Log.info("\(map.method.name): \(note)") } }
    }
  }

  /// As in `tabby, 41 %`.
  static func heading(_ map: ExplainedMap) -> String {
    map.probability.map { String(format: "%@, %.0f %%", map.target, $0 * 100) }
      ?? String(format: "%@, score %.3g", map.target, map.score)
  }
}
