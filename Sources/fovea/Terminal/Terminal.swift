import Foundation
import Telemetry

/// What the program knows of the terminal that it may be connected to.
enum Terminal {
  /// True when diagnostics go to a terminal that can move its cursor.
  static var isInteractive: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Columns of the terminal behind stderr; 80 when unknown.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes data to stdout; throws when its reader has gone.
  static func writeOut(_ text: String) throws { try write(Data(text.shown.utf8)) }

  /// Writes a report to stdout as JSON.
  static func writeJSON(_ report: some Encodable) throws { try write(JSONText.data(report, indented: true) + [10]) }

  private static func write(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      throw UserError("cannot write to standard output: \(String(cString: strerror(errno))).")
    }
  }
}
