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
    arguments: [paths],
    options: [gradient, occlusion, ProgramArguments.json, EngineArguments.runs] + EngineArguments.options,
    examples: [("fovea bench squeezenet1.1.onnx resnet50.onnx --threads 1", "compares two networks on one thread")])

  private static let paths = Argument("MODEL", repeated: .file, "an ONNX file")
  private static let gradient = Option(
    "gradient",
    "measure also the gradient of a score by the last layer with rows and columns (summed over these, as Grad-CAM needs "
      + "it) and by the input, and what N samples of SmoothGrad and Integrated Gradients take, in runs with that gradient"
  )
  private static let occlusion = Option(
    "occlusion", "measure also what a patch of 16 pixels costs, in steps of 8, when only what it changes is computed")

  static func run(_ arguments: ParsedArguments) throws {
    let options = EngineArguments.network(arguments)
    var (rows, failures) = ([ModelTiming](), [any Error]())
    for path in arguments[paths] {
      do {
        rows.append(
          try ModelTiming(
            path: path, options: options, runs: arguments[EngineArguments.runs], gradient: arguments[gradient],
            occlusion: arguments[occlusion]))
      } catch { failures.append(error) }
    }
    // What was measured is shown, whatever became of the others.
    if !rows.isEmpty { try show(rows, options, asJSON: arguments[ProgramArguments.json]) }
    for failure in failures.dropLast() { Log.error("\(failure)") }
    if let last = failures.last { throw last }
  }

  private static func show(_ rows: [ModelTiming], _ options: NetworkOptions, asJSON: Bool) throws {
    let report = try BenchReport(threads: options.threads, isa: ISA.resolved(options.isa).rawValue, models: rows)
    if asJSON { return try Terminal.writeJSON(report) }
    try Terminal.writeOut(report.table + "\n")
  }
}
