import Explanations
import Inference
import Models
import Pipeline
import Settings
import Telemetry

extension AnnotateCommand {
  /// The explanation that the command line asks for; nil without --saliency.
  /// - Parameter layers: those of `--layer`, which the method looks at unless `--saliency-layer` names others.
  static func explanation(
    _ arguments: ParsedArguments, model: Model, layers: [LayerSummary]
  ) throws -> ExplanationWish? {
    guard let name = arguments[saliency] else {
      if let option = saliencyDetails.first(where: arguments.has) {
        throw UserError("--\(option.name) goes with --saliency METHOD, which shows where the network looks.", .usage)
      }
      return nil
    }
    let method = try MethodTable.method(named: name)
    let targets = try arguments[SaliencyArguments.target].flatMap { try NamedTarget.list($0, of: model) }
    guard targets.count == 1 else {
      throw UserError("annotate explains one target; 'fovea explain' shows several.", .usage)
    }
    if !method.info.isQuick {
      Log.info(
        "\(method.info.title) runs the network many times for each frame (\(method.info.cost)); this takes a while")
    }
    let named = try chooseLayers(arguments[saliencyLayer], in: model.graph)
    var wish = ExplanationWish.video(
      method: name, target: targets[0].text, layers: (named.isEmpty ? layers : named).map(\.value))
    wish.options = SaliencyArguments.numbers(arguments)
    (wish.steadiness.mapHalfLife, wish.hold) = (arguments[smooth], arguments[hold])
    return wish
  }
}
