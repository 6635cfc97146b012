import Foundation
import Inference
import ONNX
import Telemetry
import Tensors

/// What the engine tells of itself when it is ready.
private struct Facts: Encodable {
  let version: String
  let loadMs: Double, firstMs: Double
  let memoryBytes: Int
  let multiplyAdds: Int
  let peakGflops: Double
  let output: [Float]
}

/// Answers as Benchmarks/worker.py does: one object when the network is loaded and has run once, then for each line "N" the
/// milliseconds of N runs after one that does not count.
func serve(_ arguments: Arguments) throws {
  let shapes = try inputShapes(arguments.paths[1])
  let before = try statusBytes("VmRSS")
  var session: Session?
  let load = try milliseconds {
    session = try CompiledNetwork(
      try importModel(at: arguments.paths[0]).graph, inputShapes: shapes,
      options: arguments.options
    ).session()
  }
  guard let session else { return }
  try fill(session, from: arguments.paths[1])
  let first = try milliseconds(session.run)
  let memory = max(0, try statusBytes("VmHWM") - before)
  let output = Array(session.outputs[0].view.floats)
  let profile = try session.profile(runs: 1)
  try answer(
    Facts(
      version: "", loadMs: load, firstMs: first, memoryBytes: memory, multiplyAdds: profile.multiplyAdds,
      peakGflops: profile.peakGigaflops, output: output))
  while let line = readLine() {
    guard let count = Int(line), count > 0 else { throw InferenceError("'\(line)' is no number of runs") }
    try session.run()
    try answer(try (0..<count).map { _ in try milliseconds(session.run) })
  }
}

private func answer(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  try FileHandle.standardOutput.write(contentsOf: encoder.encode(value) + Data("\n".utf8))
}

private func milliseconds(_ work: () throws -> Void) rethrows -> Double {
  let clock = SystemTime()
  let start = clock.now()
  try work()
  return clock.now().seconds(since: start) * 1e3
}

/// A line of proc(5)'s status, in bytes.
private func statusBytes(_ key: String) throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
  guard let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
    throw InferenceError("/proc/self/status has no \(key)")
  }
  return 1024 * kibibytes
}
