import Models
import Settings
import Telemetry

/// `fovea inspect`: what a model is made of.
enum InspectCommand: Command {
  static let spec = CommandSpec(
    name: "inspect", summary: "show a model's layers, shapes, costs and preprocessing",
    discussion: """
      Each layer has its number, ONNX node name, operator, output shape, parameters, multiply-adds, receptive field \
      (size / stride / offset in input pixels) and the name of its output. Numbers and names are what annotate --layer takes.
      """,
    arguments: [ArgumentSpec("MODEL", isOptional: true, "an ONNX file; the default model when left out")],
    options: [
      OptionSpec("json", "print JSON instead of a table"),
      OptionSpec("explain", "add the formula for each layer's output shape with its own numbers"),
      OptionSpec(
        "sidecar", .file, standard: "MODEL's name with .toml, if it exists", "labels and preprocessing of the model"),
    ],
    examples: [
      ("fovea inspect resnet50.onnx", "lists the layers"),
      ("fovea inspect resnet50.onnx --json | jq .totals", "tells what the network costs"),
    ])

  static func run(_ arguments: ParsedArguments) throws {
    let path = try arguments.argument("MODEL") ?? DefaultModel.path()
    let model = try Model.load(path: path, sidecar: arguments.text("sidecar"))
    let inspection = Inspection(model)
    if arguments.has("json") {
      try Terminal.writeOut(inspection.json() + "\n")
    } else {
      for warning in model.warnings { Log.warning(warning) }
      try Terminal.writeOut(inspection.table(explains: arguments.has("explain")))
    }
  }
}
