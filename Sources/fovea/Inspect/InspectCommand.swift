import Inference
import Models
import Settings
import Telemetry

/// `fovea inspect`: what a model is made of, and how the engine computes it.
enum InspectCommand: Command {
  static let spec = CommandSpec(
    name: "inspect", summary: "show a model's layers, shapes, costs and preprocessing",
    discussion: """
      Each layer has its number, ONNX node name, operator, output shape, parameters, multiply-adds, receptive field \
      (size / stride / offset in input pixels) and the name of its output. Numbers and names are what annotate --layer takes.

      With --plan it runs the network and shows instead the steps that the engine makes of it, several operators fused \
      to one, each with its algorithm, memory layout and measured time.
      """,
    arguments: [ArgumentSpec("MODEL", isOptional: true, "an ONNX file; the default model when left out")],
    options: [
      OptionSpec("json", "print JSON instead of a table"),
      OptionSpec("explain", "add the formula for each layer's output shape with its own numbers"),
      OptionSpec(
        "sidecar", .file, standard: "MODEL's name with .toml, if it exists", "labels and preprocessing of the model"),
      OptionSpec(
        "input", .text("WxH"), standard: "as the model says, else 224x224",
        "width and height of the input, for a network that takes any"),
      OptionSpec("plan", section: "Plan", "show the engine's steps with their measured times"),
      OptionSpec(
        "gradient", section: "Plan",
        "show the backward pass from the first score to the input instead of the forward pass"),
      OptionSpec("runs", .integer(1...10_000), section: "Plan", standard: "20", "runs whose median is shown"),
    ] + EngineOptions.specs(section: "Plan"),
    examples: [
      ("fovea inspect resnet50.onnx", "lists the layers"),
      ("fovea inspect resnet50.onnx --json | jq .totals", "tells what the network costs"),
      ("fovea inspect resnet50.onnx --plan --threads 1", "tells where the time goes"),
    ])

  static func run(_ arguments: ParsedArguments) throws {
    let path = try arguments.argument("MODEL") ?? DefaultModel.path()
    let overrides = ModelOverrides(size: try arguments.text("input").map(inputSize))
    let model = try Model.load(path: path, sidecar: arguments.text("sidecar"), overrides: overrides)
    let inspection = Inspection(model, profile: try profile(model, arguments))
    if arguments.has("json") { return try Terminal.writeOut(inspection.json() + "\n") }
    for warning in model.warnings { Log.warning(warning) }
    if let plan = inspection.plan {
      try Terminal.writeOut(plan.table + "\n")
    } else {
      try Terminal.writeOut(inspection.table(explains: arguments.has("explain")))
    }
  }

  private static func profile(_ model: Model, _ arguments: ParsedArguments) throws -> Profile? {
    guard arguments.has("plan") else {
      if let option = ["gradient", "runs", "threads", "isa", "lean", "precision", "no-tune"].first(where: arguments.has)
      {
        throw UserError("--\(option) goes with --plan, which runs the network.", .usage)
      }
      return nil
    }
    let session = try CompiledNetwork(model.graph, options: EngineOptions.session(arguments)).session()
    fillWithNoise(session)
    let runs = arguments.integer("runs") ?? 20
    guard arguments.has("gradient") else { return try session.profile(runs: runs) }
    let request = GradientRequest(of: [session.outputs[0].name], withRespectTo: [session.inputs[0].name])
    try session.setTaps([], gradients: [request])
    session.seed(0)[0].floats[0] = 1
    return try session.profile(runs: runs, gradient: 0)
  }

  /// Height and width from `640x480`.
  private static func inputSize(_ text: String) throws -> (height: Int, width: Int) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], width > 0, height > 0 else {
      throw UserError("'--input \(text)': a width and a height are needed, such as 224x224.", .usage)
    }
    return (height, width)
  }
}
