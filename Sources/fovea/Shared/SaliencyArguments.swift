import Explanations
import Imaging
import Inference
import Models
import Settings
import Telemetry

/// The options of saliency, the same for `annotate` and `explain`.
enum SaliencyArguments {
  /// Lines of a command's table that say what is explained and how.
  static func specs(section: String, layer: String) -> [OptionSpec] {
    [
      OptionSpec(
        "target", .text("TARGET"), short: "t", section: section, standard: "top", repeats: true,
        "what to explain: \(Target.syntax)"),
      OptionSpec(
        layer, .text("NAME|INDEX"), short: layer == "layer" ? "l" : nil, section: section,
        standard: "the last that has more than one position", repeats: true,
        "the layer that the method looks at; the maps of several are averaged"),
      OptionSpec(
        "samples", .integer(1...10_000), section: section, standard: "32",
        "pictures that smoothgrad, vargrad and integrated-gradients look at"),
      OptionSpec(
        "noise", .number(0...10), section: section, standard: "0.15",
        "standard deviation of smoothgrad's and vargrad's noise, as a share of the input's range"),
      OptionSpec("masks", .integer(1...1_000_000), section: section, standard: "1000", "masks of rise"),
      OptionSpec(
        "patch", .integer(1...16384), section: section, standard: "a 7th of the input's shorter side",
        "side of occlusion's patch in pixels of the input"),
      OptionSpec(
        "stride", .integer(1...16384), section: section, standard: "a quarter of the patch", "how far the patch moves"),
      OptionSpec(
        "fill", .choice(PatchFill.allCases.map(\.rawValue)), section: section, standard: "mean",
        "what the patch is filled with"),
      OptionSpec("seed", .integer(0...1_000_000_000), section: section, standard: "1", "where random numbers start"),
    ]
  }

  /// Lines about how maps look; `colormap` names the option for their colours.
  static func styleSpecs(section: String, colormap: String) -> [OptionSpec] {
    [
      OptionSpec(
        colormap, .choice(Colormap.allCases.map(\.rawValue)), section: section, standard: "turbo",
        "the colours of the heat"),
      OptionSpec("opacity", .number(0...1), section: section, standard: "0.5", "how much the heat covers the picture"),
      OptionSpec(
        "threshold", .number(0...1), section: section, standard: "0", "leave the picture as it is below this heat"),
      OptionSpec("contour", .number(0...1), section: section, "draw a line along this heat, such as 0.5"),
      OptionSpec("peak", section: section, "mark the hottest place"),
      OptionSpec(
        "upsampling", .choice(["bilinear", "nearest"]), section: section, standard: "bilinear",
        "how a map is enlarged to the picture"),
    ]
  }

  /// The numbers that methods leave open.
  static func options(_ arguments: ParsedArguments) -> MethodOptions {
    var options = MethodOptions()
    if let samples = arguments.integer("samples") { options.samples = samples }
    if let noise = arguments.number("noise") { options.noise = Float(noise) }
    if let masks = arguments.integer("masks") { options.masks = masks }
    if let fill = arguments.text("fill").flatMap(PatchFill.init(rawValue:)) { options.fill = fill }
    if let seed = arguments.integer("seed") { options.seed = seed }
    (options.patch, options.stride) = (arguments.integer("patch"), arguments.integer("stride"))
    return options
  }

  /// How maps look.
  static func style(_ arguments: ParsedArguments, colormap: String) -> HeatStyle {
    var style = HeatStyle()
    if let map = arguments.text(colormap).flatMap(Colormap.init(rawValue:)) { style.colormap = map }
    if let opacity = arguments.number("opacity") { style.opacity = Float(opacity) }
    if let threshold = arguments.number("threshold") { style.threshold = Float(threshold) }
    style.contour = arguments.number("contour").map { Float($0) }
    style.showsPeak = arguments.has("peak")
    style.isNearest = arguments.text("upsampling") == "nearest"
    return style
  }
}
