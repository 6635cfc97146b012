import Models
import Settings

/// `fovea inspect`: what a model is made of.
enum InspectCommand: Command {
  static let spec = CommandSpec(
    name: "inspect", summary: "show a model's layers, shapes, costs and preprocessing",
    arguments: [ArgumentSpec("MODEL", "an ONNX file")],
    options: [
      OptionSpec("json", "print JSON instead of a table"),
      OptionSpec("explain", "add the formula for each layer's output shape with its own numbers"),
      OptionSpec("sidecar", .file, standard: "MODEL's name with .toml, if it exists", "labels and preprocessing"),
    ],
    examples: [
      ("fovea inspect resnet50.onnx", "lists the layers; their names and numbers go to annotate --layer")
    ])

  static func run(_ arguments: ParsedArguments) throws {
    let model = try Model.load(path: arguments.argument("MODEL") ?? "", sidecar: arguments.text("sidecar"))
    let inspection = Inspection(model)
    print(arguments.has("json") ? try inspection.json() : inspection.table(explains: arguments.has("explain")))
  }
}
