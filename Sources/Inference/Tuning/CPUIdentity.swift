import Foundation
import Telemetry

/// Which CPU this is, for choices that were measured on one and may be wrong on another.
enum CPUIdentity {
  /// Vendor, family, model, stepping and flags as proc_cpuinfo(5) tells them; empty where it tells nothing.
  static let here: String = text(of: head("/proc/cpuinfo"))

  private static let keys: Set<String> = [
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
    "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features",
  ]

  /// The lines of the first processor that do not change from moment to moment, joined by "; ".
  static func text(of cpuinfo: String) -> String {
    var found: [String] = []
    for line in cpuinfo.split(separator: "\n", omittingEmptySubsequences: false) {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.isEmpty || parts[0].isEmpty { break }
      if parts.count == 2, keys.contains(parts[0]) { found.append("\(parts[0]) \(parts[1])") }
    }
    return found.joined(separator: "; ")
  }

  /// The beginning: with many cores the whole takes milliseconds.
  private static func head(_ path: String) -> String {
    guard let data = Files.contents(path, limit: 8192) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }
}
