import Explanations
import Imaging
import Settings

extension ExplainCommand {
  static let address = Argument("INPUT", InputArguments.address, "a picture or video, as for annotate")

  static let spec = CommandSpec(
    name: "explain", summary: "show which places of a picture or video mattered to a network",
    discussion: """
      Writes a sheet of the picture, once for each method, each with its heat map; 'fovea methods' lists the methods. Several \
      targets give a block of maps each. Of a video whose output is a picture the first frame is explained; otherwise \
      every frame. Each map stands by itself; 'fovea annotate --saliency' is the one that holds maps steady over time.
      """,
    arguments: [address],
    options: [output, maps] + OutputArguments.options + [method, layer] + SaliencyArguments.options
      + [colormap, evaluate, box] + InputArguments.options + ModelArguments.options + EngineArguments.options
      + ProgramArguments.options,
    examples: [
      ("fovea explain cat.jpg -o cat-seen.png -m squeezenet1.1.onnx", "shows what makes it a cat"),
      ("fovea explain cat.jpg -o sheet.png --method all", "compares all methods"),
      (
        "fovea explain pets.jpg -t top,second --method grad-cam,occlusion",
        "shows what speaks for the two best classes"
      ),
    ])

  static let output = Option(
    "output", .file, standard: "NAME-explained.png or .mp4", short: "o", section: "Output",
    "a picture or video of the maps; with .npz the raw maps instead")
  static let maps = Option("maps", .file, section: "Output", "write the raw maps to FILE.npz (NumPy) too")

  static let method = Option(
    "method", repeated: SaliencyArguments.method(or: "all"), default: [MethodTable.standard], section: "Saliency",
    "how to explain; 'all' for every method that works with the network")
  static let layer = SaliencyArguments.layer("layer", short: "l")
  static let colormap = SaliencyArguments.colors("colormap")

  static let evaluate = Option(
    "evaluate", section: "Evaluation",
    "measure how good the maps are, and print a table; pictures only with --output")
  static let box = Option(
    "box", .box, section: "Evaluation", "where the object is in the picture, in pixels: do maps point at it?")
}

extension ValueKind where Value == Rect {
  /// `640x480+10+20`: width, height, left, top.
  fileprivate static var box: ValueKind {
    ValueKind("WxH+X+Y", needed: "width, height, left and top are needed, such as 200x150+40+60") { text in
      guard let match = text.wholeMatch(of: /(\d{1,6})x(\d{1,6})\+(\d{1,6})\+(\d{1,6})/),
        let width = Int(match.1), let height = Int(match.2), let x = Int(match.3), let y = Int(match.4), width > 0,
        height > 0
      else { return nil }
      return Rect(x: x, y: y, width: width, height: height)
    }
  }
}
