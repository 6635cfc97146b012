import Foundation
import Pipeline
import Telemetry

/// The progress of a job on stderr: one line that renews itself on a terminal, a plain line now and then elsewhere.
final class ProgressLine {
  private let total: Int?
  private let labels: (Int) -> String
  private let clock: any TimeSource
  private let start: MonotonicTime
  private let isInteractive: Bool
  private var lastLine: MonotonicTime
  private var isShown = false

  /// - Parameters:
  ///   - total: the number of frames that will come, when known.
  ///   - labels: the name of a class.
  init(total: Int?, labels: @escaping (Int) -> String, clock: any TimeSource = SystemTime()) {
    (self.total, self.labels, self.clock) = (total, labels, clock)
    isInteractive = Terminal.isInteractive
    start = clock.now()
    lastLine = start
  }

  func show(_ progress: JobProgress) {
    guard Log.level >= .info else { return }
    let now = clock.now()
    let elapsed = now.seconds(since: start)
    if isInteractive {
      let line = text(progress, elapsed: elapsed, bar: 20)
      write("\r\(line.prefix(Terminal.width - 1))\u{1B}[K")
      isShown = true
    } else if now.seconds(since: lastLine) >= 10 {
      lastLine = now
      write("fovea: \(text(progress, elapsed: elapsed, bar: 0))\n")
    }
  }

  /// Removes the line, so that what follows stands alone.
  func clear() {
    if isShown { write("\r\u{1B}[K") }
    isShown = false
  }

  private func text(_ progress: JobProgress, elapsed: Double, bar width: Int) -> String {
    let rate = elapsed > 0 ? Double(progress.written) / elapsed : 0
    var parts: [String] = []
    if let total, total > 0 {
      let share = min(1, Double(progress.written) / Double(total))
      if width > 0 {
        let full = Int(share * Double(width))
        parts.append("[" + String(repeating: "█", count: full) + String(repeating: "·", count: width - full) + "]")
      }
      parts.append("\(progress.written)/\(total)")
      parts.append(String(format: "%.1f frames/s", rate))
      if rate > 0 { parts.append("ETA \(clockText(max(0, Double(total - progress.written)) / rate))") }
    } else {
      parts.append("\(progress.written) frames")
      parts.append(String(format: "%.1f frames/s", rate))
    }
    if let index = progress.topIndex {
      // A raw score can be any number, or none.
      parts.append("\(labels(index)) \(String(format: "%.0f", progress.topConfidence * 100)) %")
    }
    return parts.joined(separator: "  ")
  }

  private func write(_ text: String) {
    Log.writeRaw(text)
  }
}

/// As in `0:07` or `1:02:03`.
func clockText(_ seconds: Double) -> String {
  let whole = Int(min(seconds, 1e9).rounded())
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  return hours > 0 ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
}
