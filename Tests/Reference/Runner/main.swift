// Runs a model on given inputs and writes what it computes, for scripts that compare engines. Not installed.
//
//   reference-runner MODEL.onnx INPUTS.npz OUTPUTS.npz [--taps] [--threads N] [--repeat N] [--steps] [--serve]
//
// INPUTS.npz holds one array for each network input, by name. OUTPUTS.npz gets output0, output1 … and, with --taps,
// tap0, tap1 … for every float32 value of the graph; their names are printed as `output0<TAB>name`.
// With --repeat it prints the shortest of N runs as `milliseconds<TAB>number`. With --serve it writes no OUTPUTS.npz but
// answers as Benchmarks/worker.py does.
import Foundation
import Inference
import ONNX
import Tensors

struct Arguments {
  var paths: [String] = []
  var isTapping = false
  var showsSteps = false
  var isServing = false
  var options = SessionOptions(threads: 1)
  var repeats = 0

  init(_ words: [String]) throws {
    var words = words[...]
    while let word = words.popFirst() {
      switch word {
      case "--taps": isTapping = true
      case "--steps": showsSteps = true
      case "--serve": isServing = true
      case "--threads": options.threads = words.popFirst().flatMap { Int($0) } ?? 1
      case "--precision": options.precision = words.popFirst().flatMap(Precision.init(rawValue:)) ?? .fp32
      case "--repeat": repeats = words.popFirst().flatMap { Int($0) } ?? 1
      default: paths.append(word)
      }
    }
    guard paths.count == 3 else {
      throw InferenceError("usage: reference-runner MODEL INPUTS.npz OUTPUTS.npz [--taps] [--threads N] [--repeat N]")
    }
  }
}

func fill(_ session: Session, from path: String) throws {
  let reader = try NpzReader(path)
  for input in session.inputs {
    let tensor = try reader.tensor(input.name)
    guard tensor.shape == input.view.shape, tensor.type == input.view.type else {
      throw InferenceError("input '\(input.name)' is \(tensor.type) \(tensor.shape), not \(input.view.shape)")
    }
    withExtendedLifetime(tensor) {
      input.view.pointer.copyMemory(from: tensor.view.pointer, byteCount: tensor.byteCount)
    }
  }
}

func copy(_ view: TensorView) -> Tensor {
  let tensor = Tensor(view.type, view.shape)
  tensor.view.pointer.copyMemory(from: view.pointer, byteCount: tensor.byteCount)
  return tensor
}

func shortestRun(_ session: Session, of count: Int) throws -> Double {
  var best = Double.infinity
  for _ in 0..<count {
    let start = DispatchTime.now().uptimeNanoseconds
    try session.run()
    best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6)
  }
  return best
}

func run() throws {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  if arguments.isServing { return try serve(arguments) }
  let graph = try importModel(at: URL(fileURLWithPath: arguments.paths[0])).graph
  let shapes = try inputShapes(arguments.paths[1])
  let specialised = try graph.specialized(inputs: shapes)
  let taps =
    arguments.isTapping
    ? specialised.values.filter { $0.constant == nil && $0.type?.element == .float32 }.map(\.name) : []
  let session = try Session(
    graph: specialised, taps: taps, options: arguments.options)
  try fill(session, from: arguments.paths[1])
  try session.run()
  let writer = try NpzWriter(arguments.paths[2])
  for (index, output) in session.outputs.enumerated() {
    try writer.add("output\(index)", copy(output.view))
    print("output\(index)\t\(output.name)")
  }
  for (index, name) in taps.enumerated() {
    guard let view = session.tap(name) else { continue }
    try writer.add("tap\(index)", copy(view))
    print("tap\(index)\t\(name)")
  }
  try writer.finish()
  if arguments.repeats > 0 { print("milliseconds\t\(try shortestRun(session, of: arguments.repeats))") }
  if arguments.showsSteps { for step in session.steps { print("step\t\(step.name)\t\(step.explanation)") } }
  withExtendedLifetime(session) {}
}

func inputShapes(_ path: String) throws -> [String: Shape] {
  let reader = try NpzReader(path)
  return Dictionary(uniqueKeysWithValues: try reader.names.map { ($0, try reader.tensor($0).shape) })
}

do {
  try run()
} catch {
  FileHandle.standardError.write(Data("reference-runner: \(error)\n".utf8))
  exit(1)
}
