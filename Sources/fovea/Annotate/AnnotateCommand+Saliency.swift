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

  /// The explanation that the command line asks for; nil for none.
  /// - Parameter layers: those of `--layer`, which the method looks at unless `--saliency-layer` names others.
  static func explanation(
    _ arguments: ParsedArguments, model: Model, layers: [LayerSummary]
  ) throws -> ExplanationWish? {
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
    if !method.info.isQuick {
      Log.info(
        "\(method.info.title) runs the network many times for each frame (\(method.info.cost)); this takes a while")
    }
    let named = try chooseLayers(arguments.all("saliency-layer"), in: model.graph)
    var wish = ExplanationWish.video(
      method: name, target: targets.first ?? "top", layers: (named.isEmpty ? layers : named).map(\.value))
    wish.options = SaliencyArguments.options(arguments)
    if let halfLife = arguments.number("smooth") { wish.steadiness.mapHalfLife = halfLife }
    if let frames = arguments.integer("hold") { wish.hold = frames }
    return wish
  }
}
