import Explanations
import Inference
import Models
import Pipeline
import Settings
import Telemetry

extension AnnotateCommand {
  /// The table's lines about saliency.
  static let saliencyOptions =
    [
      OptionSpec(
        "saliency", .text("METHOD"), section: "Saliency",
        "show which places mattered, by this method; 'fovea methods' lists them")
    ] + SaliencyArguments.specs(section: "Saliency", layer: "saliency-layer")
    + SaliencyArguments.styleSpecs(section: "Saliency", colormap: "heat") + [
      OptionSpec(
        "smooth", .number(0...60), section: "Saliency", standard: "0.1",
        "half-life of the heat in seconds; 0: each frame by itself"),
      OptionSpec(
        "hold", .integer(0...1000), section: "Saliency", standard: "6",
        "frames in a row that a new top class must come first before it is explained"),
    ]

  /// What explains the frames that this session sees; nil without --saliency.
  static func saliency(
    _ arguments: ParsedArguments, model: Model, session: Session, layers: [LayerSummary]
  ) throws -> SaliencyStage? {
    guard let name = arguments.text("saliency") else {
      let others = saliencyOptions.dropFirst().map(\.name)
      if let option = others.first(where: arguments.has) {
        throw UserError("--\(option) goes with --saliency METHOD, which shows where the network looks.", .usage)
      }
      return nil
    }
    let method = try MethodTable.method(named: name)
    let targets = arguments.all("target")
    guard targets.count <= 1 else {
      throw UserError("annotate explains one target; 'fovea explain' shows several.", .usage)
    }
    let target = try NamedTarget(targets.first ?? "top", of: model)
    let named = try chooseLayers(arguments.all("saliency-layer"), in: model.graph)
    let chosen = (named.isEmpty ? layers : named).map(\.value)
    let explainer = try Explainer(
      method, of: try ExplainedNetwork(model.graph, output: model.outputIndex), in: session, target: target.target,
      layers: chosen.isEmpty ? .automatic : .named(chosen), options: SaliencyArguments.options(arguments),
      keeping: layers.map(\.value), holding: arguments.integer("hold") ?? 6)
    if method.info.needs.contains(.runs) {
      Log.info(
        "\(method.info.title) runs the network many times for each frame (\(method.info.cost)); this takes a while")
    }
    var steadiness = Steadiness.video
    if let halfLife = arguments.number("smooth") { steadiness.mapHalfLife = halfLife }
    let labels = model.labels
    return SaliencyStage(explainer, steadiness: steadiness) { target.name($0, labels) }
  }
}
