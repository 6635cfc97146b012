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
    arguments: [path],
    options: [ProgramArguments.json, explain, ModelArguments.sidecar, ModelArguments.output, input, plan] + planOptions,
    examples: [
      ("fovea inspect resnet50.onnx", "lists the layers"),
      ("fovea inspect resnet50.onnx --json | jq .totals", "tells what the network costs"),
      ("fovea inspect resnet50.onnx --plan --threads 1", "tells where the time goes"),
    ])

  private static let path = Argument(
    "MODEL", optional: .file, "an ONNX file; the default model when left out")
  private static let explain = Option(
    "explain", "add the formula for each layer's output shape with its own numbers")
  private static let input = Option(
    "input", PictureSize.kind(limit: 65536, example: "224x224"), standard: "as the model says, else 224x224",
    section: "Network", "width and height of the input, for a network that takes any")
  private static let plan = Option("plan", section: "Plan", "show the engine's steps with their measured times")
  private static let gradient = Option(
    "gradient", section: "Plan",
    "show the backward pass from the first score to the input instead of the forward pass")
  /// What goes with --plan only.
  private static let planOptions: [any OptionSpec] = [gradient, EngineArguments.runs] + EngineArguments.options

  static func run(_ arguments: ParsedArguments) throws {
    let overrides = ModelOverrides(
      size: arguments[input].map { ($0.height, $0.width) }, output: arguments[ModelArguments.output])
    let model = try Model.load(
      path: arguments[path] ?? DefaultModel.path(), sidecar: arguments[ModelArguments.sidecar], overrides: overrides)
    let inspection = Inspection(model, profile: try profile(model, arguments))
    if arguments[ProgramArguments.json] { return try Terminal.writeJSON(inspection) }
    for warning in model.warnings { Log.warning(warning) }
    if let plan = inspection.plan {
      try Terminal.writeOut(plan.table + "\n")
    } else {
      try Terminal.writeOut(inspection.table(explains: arguments[explain]) + "\n")
    }
  }

  private static func profile(_ model: Model, _ arguments: ParsedArguments) throws -> Profile? {
    guard arguments[plan] else {
      if let option = planOptions.first(where: arguments.has) {
        throw UserError("--\(option.name) goes with --plan, which runs the network.", .usage)
      }
      return nil
    }
    let session = try CompiledNetwork(model.graph, options: EngineArguments.network(arguments)).session()
    fillWithNoise(session)
    let runs = arguments[EngineArguments.runs]
    guard arguments[gradient] else { return try session.profile(runs: runs) }
    let request = GradientRequest(of: [session.outputs[0].name], withRespectTo: [session.inputs[0].name])
    try session.setTaps([], gradients: [request])
    session.seed(0)[0].floats[0] = 1
    return try session.profile(runs: runs, gradient: 0)
  }
}
