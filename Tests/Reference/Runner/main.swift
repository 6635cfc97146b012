// Runs a model on given inputs and writes what it computes, for scripts that compare engines. Not installed.
//
//   reference-runner MODEL.onnx INPUTS.npz OUTPUTS.npz [--taps] [--threads N] [--repeat N] [--steps] [--serve]
//     [--gradient CLASS [--of NAME] [--by NAME] [--rule RULE]]
//
// INPUTS.npz holds one array for each network input, by name. OUTPUTS.npz gets output0, output1 … and, with --taps,
// tap0, tap1 … for every float32 value of the graph; their names are printed as `output0<TAB>name`.
// With --gradient it also writes gradient0, gradient1 … of element CLASS of the first output, or of the value NAME, by every float32
// value, or by one; their names are printed likewise. RULE is standard, guided, deconvnet, or a number, the ε of LRP.
// With --repeat it prints the shortest of N runs as `milliseconds<TAB>number`, and of N backward passes as `backward<TAB>number`. With --serve it writes no OUTPUTS.npz but
// answers as Benchmarks/worker.py does.
import Foundation
import Inference
import ONNX
import Tensors
import TestSupport

struct Arguments {
  var paths: [String] = []
  var isTapping = false
  var showsSteps = false
  var isServing = false
  var options = NetworkOptions(threads: 1)
  var repeats = 0
  var gradient: GradientArguments?

  init(_ words: [String]) throws {
    var words = words[...]
    while let word = words.popFirst() {
      switch word {
      case "--taps": isTapping = true
      case "--steps": showsSteps = true
      case "--serve": isServing = true
      case "--threads": options.threads = words.popFirst().flatMap { Int($0) } ?? 1
      case "--gradient": gradient = GradientArguments(element: words.popFirst().flatMap { Int($0) } ?? 0)
      case "--of": gradient?.of = words.popFirst()
      case "--by": gradient?.by = words.popFirst()
      case "--rule": gradient?.rule = GradientArguments.rule(words.popFirst() ?? "")
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

func shortest(of count: Int, before: () throws -> Void, _ work: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<count {
    try before()
    let start = DispatchTime.now().uptimeNanoseconds
    try work()
    best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6)
  }
  return best
}

func run() throws {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  if arguments.isServing { return try serve(arguments) }
  let graph = try importModel(at: arguments.paths[0]).graph
  let shapes = try inputShapes(arguments.paths[1])
  let specialised = try graph.specialized(inputs: shapes)
  let taps =
    arguments.isTapping
    ? specialised.values.filter { $0.constant == nil && $0.type?.element == .float32 }.map(\.name) : []
  let session = try CompiledNetwork(specialised, options: arguments.options).session(taps: taps)
  let names = try arguments.gradient?.prepare(session, specialised, taps: taps) ?? []
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
  if arguments.gradient != nil { try session.runBackward(0) }
  for (index, name) in names.enumerated() {
    guard let view = session.gradient(0, name) else { continue }
    try writer.add("gradient\(index)", copy(view))
    print("gradient\(index)\t\(name)")
  }
  try writer.finish()
  if arguments.repeats > 0 {
    print("milliseconds\t\(try shortest(of: arguments.repeats, before: {}, session.run))")
    if arguments.gradient != nil {
      print("backward\t\(try shortest(of: arguments.repeats, before: session.run) { try session.runBackward(0) })")
    }
  }
  if arguments.showsSteps { try showSteps(session, arguments) }
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
