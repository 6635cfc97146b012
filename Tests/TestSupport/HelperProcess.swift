import Foundation

/// A program that serves a test until it is stopped or forgotten.
package final class HelperProcess {
  private let process = Process()
  private let log: URL

  /// Starts it and waits until it has written a line.
  /// - Throws: what it said, when it ended instead.
  package init(_ program: String, _ arguments: [String], awaitsLine: Bool = true) throws {
    log = FileManager.default.temporaryDirectory.appendingPathComponent("fovea-helper-\(UUID().uuidString).log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = try FileHandle(forWritingTo: log)
    (process.standardOutput, process.standardError) = (output, output)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // A guard against hangs, not a measurement.
    for _ in 0..<1200 where awaitsLine && !said.contains("\n") && process.isRunning { usleep(50_000) }
    guard process.isRunning, !awaitsLine || said.contains("\n") else {
      throw CommandFailure(description: "\(program) \(arguments.joined(separator: " ")): \(said)")
    }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: log)
  }

  /// What it has written.
  package var said: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

  /// Sends a signal.
  package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Ends it at once. Test threads block other signals, and what they start inherits that.
  package func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// A port of the loopback interface that was free a moment ago.
  package static func freePort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else { throw CommandFailure(description: "no port for the test") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
