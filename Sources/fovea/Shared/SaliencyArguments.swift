import Explanations
import Imaging
import Settings

/// What is explained, how, and how it looks.
enum SaliencyArguments {
  private static let numbers = MethodOptions()
  private static let heat = HeatStyle()

  static let target = Option(
    "target", repeated: .text("TARGET").withCommas, default: ["top"], short: "t", section: "Saliency",
    "what to explain: \(Target.syntax)")
  static let samples = Option(
    "samples", .integer(1...10_000), default: numbers.samples, section: "Saliency",
    "pictures that smoothgrad, vargrad and integrated-gradients look at")
  static let noise = Option(
    "noise", .number(0...10), default: numbers.noise, section: "Saliency",
    "standard deviation of smoothgrad's and vargrad's noise, as a share of the input's range")
  static let masks = Option(
    "masks", .integer(1...1_000_000), default: numbers.masks, section: "Saliency", "masks of rise")
  static let patch = Option(
    "patch", .integer(1...16384), standard: "a 7th of the input's shorter side", section: "Saliency",
    "side of occlusion's patch in pixels of the input")
  static let stride = Option(
    "stride", .integer(1...16384), standard: "a quarter of the patch", section: "Saliency", "how far the patch moves")
  static let fill = Option(
    "fill", .choice, default: numbers.fill, section: "Saliency", "what the patch is filled with")
  static let seed = Option(
    "seed", .integer(0...1_000_000_000), default: numbers.seed, section: "Saliency", "where random numbers start")

  static let opacity = Option(
    "opacity", .number(0...1), default: heat.opacity, section: "Saliency", "how much the heat covers the picture")
  static let threshold = Option(
    "threshold", .number(0...1), default: heat.threshold, section: "Saliency",
    "leave the picture as it is below this heat")
  static let contour = Option(
    "contour", .number(0...1) as ValueKind<Float>, section: "Saliency", "draw a line along this heat, such as 0.5")
  static let peak = Option("peak", section: "Saliency", "mark the hottest place")
  static let upsampling = Option(
    "upsampling", .choice, default: Upsampling.bilinear, section: "Saliency", "how a map is enlarged to the picture")

  /// Lines of a command's table, beside those of its own for the method, the layer and the colours.
  static let options: [any OptionSpec] = [
    target, samples, noise, masks, patch, stride, fill, seed, opacity, threshold, contour, peak, upsampling,
  ]

  /// How a map is enlarged.
  enum Upsampling: String, CaseIterable, Sendable {
    case bilinear, nearest
  }

  /// The layer that the method looks at.
  static func layer(_ name: String, short: Character? = nil) -> Option<[String]> {
    Option(
      name, repeated: .text("NAME|INDEX"), standard: "the last that has more than one position", short: short,
      section: "Saliency", "the layer that the method looks at; the maps of several are averaged")
  }

  /// The colours of the heat.
  static func colors(_ name: String) -> Option<Colormap> {
    Option(name, .choice, default: heat.colormap, section: "Saliency", "the colours of the heat")
  }

  /// A method's name, or this word.
  static func method(or word: String? = nil) -> ValueKind<String> {
    ValueKind("METHOD") { try $0 == word ? $0 : MethodTable.method(named: $0).info.name }
  }

  /// The numbers that methods leave open.
  static func numbers(_ arguments: ParsedArguments) -> MethodOptions {
    var numbers = MethodOptions()
    (numbers.samples, numbers.noise, numbers.masks) = (arguments[samples], arguments[noise], arguments[masks])
    (numbers.patch, numbers.stride, numbers.fill) = (arguments[patch], arguments[stride], arguments[fill])
    numbers.seed = arguments[seed]
    return numbers
  }

  static func style(_ arguments: ParsedArguments, colors: Option<Colormap>) -> HeatStyle {
    var style = HeatStyle()
    (style.colormap, style.opacity, style.threshold) = (arguments[colors], arguments[opacity], arguments[threshold])
    (style.contour, style.showsPeak) = (arguments[contour], arguments[peak])
    style.isNearest = arguments[upsampling] == .nearest
    return style
  }
}
