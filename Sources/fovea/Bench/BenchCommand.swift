import Foundation
import Inference
import Models
import Settings
import Telemetry

/// `fovea bench`: how fast networks run here.
enum BenchCommand: Command {
  static let spec = CommandSpec(
    name: "bench", summary: "measure how fast models load and run on this machine",
    discussion: """
      Each model is loaded, run once, then run again and again on one picture of noise. GFLOP/s counts two operations for \
      each multiply-add of the network's layers; its share of the CPU's peak exceeds 100 % where an algorithm saves \
      multiplications. 'fovea inspect MODEL --plan' tells where the time goes.
      """,
    arguments: [ArgumentSpec("MODEL", repeats: true, "an ONNX file")],
    options: [
      OptionSpec("runs", .integer(1...1_000_000), standard: "20", "runs whose median and shortest are shown"),
      OptionSpec(
        "gradient",
        "measure also the gradient of a score by the last layer with rows and columns (summed over these, as Grad-CAM needs "
          + "it) and by the input, and what N samples of SmoothGrad and Integrated Gradients take, in runs with that gradient"
      ),
      OptionSpec(
        "occlusion",
        "measure also what a patch of 16 pixels costs, in steps of 8, when only what it changes is computed"),
      OptionSpec("json", "print JSON instead of a table"),
    ] + EngineOptions.specs(),
    examples: [("fovea bench squeezenet1.1.onnx resnet50.onnx --threads 1", "compares two networks on one thread")])

  static func run(_ arguments: ParsedArguments) throws {
    let options = EngineOptions.session(arguments)
    let runs = arguments.integer("runs") ?? 20
    let rows = try arguments.positionals.map {
      try ModelTiming(
        path: $0, options: options, runs: runs, gradient: arguments.has("gradient"),
        occlusion: arguments.has("occlusion"))
    }
    let report = try BenchReport(threads: options.threads, isa: ISA.resolved(options.isa).rawValue, models: rows)
    try Terminal.writeOut((arguments.has("json") ? try report.json() : report.table) + "\n")
  }
}
