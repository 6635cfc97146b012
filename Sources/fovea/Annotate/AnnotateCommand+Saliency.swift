import Explanations
import Inference
import Models
import Pipeline
import Settings
import Telemetry

extension AnnotateCommand {
  /// What explains the frames that this session sees; nil without --saliency.
  static func saliency(
    _ arguments: ParsedArguments, model: Model, session: Session, layers: [LayerSummary]
  ) throws -> SaliencyStage? {
    guard let name = arguments[saliency] else {
      if let option = saliencyDetails.first(where: arguments.has) {
        throw UserError("--\(option.name) goes with --saliency METHOD, which shows where the network looks.", .usage)
      }
      return nil
    }
    let method = try MethodTable.method(named: name)
    let targets = arguments[SaliencyArguments.target]
    guard targets.count == 1 else {
      throw UserError("annotate explains one target; 'fovea explain' shows several.", .usage)
    }
    let target = try NamedTarget(targets[0], of: model)
    let named = try chooseLayers(arguments[saliencyLayer], in: model.graph)
    let chosen = (named.isEmpty ? layers : named).map(\.value)
    let explainer = try Explainer(
      method, of: try ExplainedNetwork(model.graph, output: model.outputIndex), in: session, target: target.target,
      layers: chosen.isEmpty ? .automatic : .named(chosen), options: SaliencyArguments.numbers(arguments),
      sessionOptions: EngineArguments.session(arguments, besideEncoder: true), keeping: layers.map(\.value),
      holding: arguments[hold])
    if method.info.needs.contains(.runs) {
      Log.info(
        "\(method.info.title) runs the network many times for each frame (\(method.info.cost)); this takes a while")
    }
    var steadiness = Steadiness.video
    steadiness.mapHalfLife = arguments[smooth]
    let labels = model.labels
    return SaliencyStage(explainer, steadiness: steadiness) { target.name($0, labels) }
  }
}
