import Foundation

/// What a finished command left behind.
package struct CommandResult: Sendable {
  /// The exit status; 128 + N when signal N ended it.
  package let status: Int32
  /// All of standard output.
  package let output: Data
  /// All of standard error.
  package let errors: String

  /// Standard output as text.
  package var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a command to its end.
/// - Parameters:
///   - program: a path, or a name to be found in PATH.
///   - seconds: after this much time it is killed, and the status says so; a guard against hangs, not a measurement.
package func run(
  _ program: String, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:],
  input: URL? = nil, killAfter seconds: Int = 300
) throws -> CommandResult {
  try TestData.withTemporaryFolder { scratch in
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["--signal=KILL", "\(seconds)", program] + arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: no thread has to read while the command runs.
    let (out, err) = (scratch.appendingPathComponent("out"), scratch.appendingPathComponent("err"))
    for url in [out, err] { _ = FileManager.default.createFile(atPath: url.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let killed = process.terminationReason == .uncaughtSignal
    return CommandResult(
      status: process.terminationStatus + (killed ? 128 : 0), output: try Data(contentsOf: out),
      errors: String(decoding: try Data(contentsOf: err), as: UTF8.self))
  }
}

/// A command that did not succeed, with what it said about it.
package struct CommandFailure: Error, CustomStringConvertible {
  /// The command line, its exit status and its standard error.
  package let description: String
}

/// Runs a command that must succeed, and returns its standard output.
@discardableResult
package func output(of command: [String]) throws -> Data {
  let result = try run(command[0], Array(command.dropFirst()))
  guard result.status == 0 else {
    throw CommandFailure(description: "\(command.joined(separator: " ")): status \(result.status): \(result.errors)")
  }
  return result.output
}

/// The same with the output as text.
@discardableResult
package func text(of command: [String]) throws -> String {
  String(decoding: try output(of: command), as: UTF8.self)
}

/// The program under test, beside the test bundle.
package let foveaPath: String = {
  // The bundle lies in the build folder, where `fovea` is too.
  if let bundle = CommandLine.arguments.first(where: { $0.hasSuffix(".xctest") }) {
    let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("fovea").path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
  }
  let build = TestData.root.appendingPathComponent(".build")
  let running = CommandLine.arguments.first ?? ""
  let configurations = running.contains("/debug/") ? ["debug", "release"] : ["release", "debug"]
  for configuration in configurations {
    let path = build.appendingPathComponent("\(configuration)/fovea").path
    if FileManager.default.isExecutableFile(atPath: path) { return path }
  }
  return build.appendingPathComponent("release/fovea").path
}()

/// What tests keep apart from the user's own.
let testEnvironment = ["XDG_CACHE_HOME": TestData.root.appendingPathComponent(".build/test-cache").path]

/// Runs `fovea`.
package func fovea(
  _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:], input: URL? = nil
) throws -> CommandResult {
  try run(
    foveaPath, arguments, in: folder, environment: testEnvironment.merging(environment) { $1 }, input: input)
}

/// Runs a line of shell; `fovea` is in its PATH.
package func shell(_ line: String, in folder: URL? = nil) throws -> CommandResult {
  let path = URL(fileURLWithPath: foveaPath).deletingLastPathComponent().path
  let inherited = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  return try run(
    "bash", ["-c", line], in: folder, environment: testEnvironment.merging(["PATH": "\(path):\(inherited)"]) { $1 })
}

/// Runs those tests of this bundle that match `filter` in a process of their own.
package func runTestsAlone(_ filter: String, environment: [String: String]) throws -> CommandResult {
  let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  return try run(path, ["--testing-library", "swift-testing", "--filter", filter], environment: environment)
}
