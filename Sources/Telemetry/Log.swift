import Foundation
import Synchronization

/// How much the program says on stderr.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  case error, warning, info, debug

  /// Quieter levels come first.
  package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// Diagnostics: one line each, on stderr. Data goes to stdout, never here.
package enum Log {
  private static let threshold = Atomic<Int>(LogLevel.info.rawValue)

  /// Messages above this level are not written.
  package static var level: LogLevel {
    get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
    set { threshold.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// Writes `fovea: error: …`.
  package static func error(_ message: @autoclosure () -> String) { write(.error, message()) }

  /// Writes `fovea: warning: …`.
  package static func warning(_ message: @autoclosure () -> String) { write(.warning, message()) }

  /// Writes `fovea: …`.
  package static func info(_ message: @autoclosure () -> String) { write(.info, message()) }

  /// Writes `fovea: debug: …`.
  package static func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }

  private static func write(_ messageLevel: LogLevel, _ message: @autoclosure () -> String) {
    guard messageLevel <= level else { return }
    let prefix = messageLevel == .info ? "" : "\(messageLevel): "
    // One write per line, so that lines of several threads do not mix.
    writeRaw("fovea: \(prefix)\(message())\n")
  }

  /// Writes the text to stderr as it is. A closed or full stderr is no reason to stop: what cannot be written is lost.
  package static func writeRaw(_ text: String) {
    var rest = Array(text.shown.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if written > 0 { rest = rest.dropFirst(written) } else if written == 0 || errno != EINTR { return }
    }
  }
}
