import Foundation

/// A `fovea view` or `fovea serve` that runs on a free port, until it is stopped or forgotten.
package final class ViewProcess {
  /// Where it listens.
  package private(set) var port = 0
  private let process = Process()
  private let log: URL

  /// Starts it and waits until it says where it listens.
  /// - Parameter arguments: what follows `fovea view`.
  /// - Throws: what it said, when it ended instead.
  package convenience init(_ arguments: [String]) throws {
    try self.init(command: ["view"] + arguments + ["--port", "0"])
  }

  /// A service with this configuration, whose port must be 0.
  package convenience init(serving configuration: URL, environment: [String: String] = [:]) throws {
    try self.init(command: ["serve", "--config", configuration.path], environment: environment)
  }

  private init(command: [String], environment: [String: String] = [:]) throws {
    log = FileManager.default.temporaryDirectory.appendingPathComponent("fovea-view-\(UUID().uuidString).log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: foveaPath)
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(testEnvironment) { $1 }.merging(environment) { $1 }
    process.standardError = try FileHandle(forWritingTo: log)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // A guard against hangs, not a measurement: under an emulator the start takes long.
    for _ in 0..<6000 {
      if let found = said.firstMatch(of: /http:\/\/[^ ]*:(\d+)/), let port = Int(found.1) {
        self.port = port
        return
      }
      if !process.isRunning { break }
      usleep(50_000)
    }
    throw CommandFailure(description: "fovea \(command.joined(separator: " ")): \(said)")
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: log)
  }

  /// The process's number.
  package var id: Int32 { process.processIdentifier }

  /// What it has written to standard error.
  package var said: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

  /// Ends it as Ctrl-C does; the exit status.
  @discardableResult
  package func stop() -> Int32 {
    process.interrupt()
    process.waitUntilExit()
    return process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
  }

  /// Sends a signal.
  package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Ends it as power loss does.
  package func die() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Asks until the answer is as wanted; a guard against hangs, not a measurement. Nil when that does not come.
  package func wait<Answer>(for answer: () -> Answer?) -> Answer? {
    for _ in 0..<2400 {
      if let found = answer() { return found }
      if !process.isRunning { return nil }
      usleep(50_000)
    }
    return nil
  }

  /// The answer to a request that changes something.
  package func change(_ method: String, _ path: String, _ body: String = "") -> (status: Int, json: [String: Any]) {
    let headers = "X-Fovea: 1\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    let (status, bytes) = ask(path, method: method, headers: headers, body: body)
    return (status, Self.object(bytes))
  }

  /// The answer to a GET: its status and body.
  package func get(_ path: String) -> (status: Int, body: [UInt8]) { ask(path) }

  /// The answer to a GET as a JSON object; empty where it is none.
  package func json(_ path: String) -> [String: Any] { Self.object(get(path).body) }

  /// The answer to a POST to `/v1/control`.
  package func control(_ body: String) -> (status: Int, json: [String: Any]) {
    let headers = "X-Fovea: 1\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    let (status, bytes) = ask("/v1/control", method: "POST", headers: headers, body: body)
    return (status, Self.object(bytes))
  }

  /// Asks `/v1/state` until it is as wanted; nil when that does not come.
  package func state(where isWanted: ([String: Any]) -> Bool) -> [String: Any]? {
    for _ in 0..<2400 {
      let state = json("/v1/state")
      if isWanted(state) { return state }
      usleep(50_000)
    }
    return nil
  }

  /// A number of `/metrics`, by its name and labels; 0 where there is none.
  package func metric(_ name: String) -> Double {
    let lines = String(decoding: get("/metrics").body, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) } ?? 0
  }

  private func ask(_ path: String, method: String = "GET", headers: String = "", body: String = "") -> (
    status: Int, body: [UInt8]
  ) {
    guard let client = RawClient(port: port) else { return (0, []) }
    client.ask(path, port: port, method: method, headers: headers, body: body)
    let answer = client.hearBytes()
    let status = Int(String(decoding: answer.prefix(12).suffix(3), as: UTF8.self)) ?? 0
    let end = answer.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? answer.endIndex
    return (status, Array(answer[end...]))
  }

  private static func object(_ bytes: [UInt8]) -> [String: Any] {
    ((try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]) ?? [:]
  }
}
