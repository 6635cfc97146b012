import Foundation

/// What a process holds, as Linux counts it.
package struct ProcessUse: Sendable, CustomStringConvertible {
  /// Resident memory in KiB.
  package let resident: Int
  /// Open file descriptors.
  package let descriptors: Int
  /// Threads.
  package let threads: Int

  /// Of the process with this number, now.
  package init(of id: Int32) throws {
    let folder = "/proc/\(id)"
    let status = try String(contentsOfFile: "\(folder)/status", encoding: .utf8)
    func number(_ name: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    (resident, threads) = (number("VmRSS"), number("Threads"))
    descriptors = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/fd").count
  }

  package var description: String { "\(resident) KiB resident, \(descriptors) descriptors, \(threads) threads" }
}
