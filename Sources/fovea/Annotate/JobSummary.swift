import Foundation
import Pipeline

/// What a finished annotation says about itself, a few lines for stderr.
func summaryLines(_ progress: JobProgress, seconds: Double, output: String?, label: (Int) -> String) -> [String] {
  let rate = seconds > 0 ? Double(progress.written) / seconds : 0
  var lines = [
    "\(progress.framesIn) frames in, \(progress.analysed) analysed, \(progress.written) written, "
      + "\(progress.damagedPackets) damaged packets"
  ]
  lines.append(
    String(format: "%.1f s, %.1f frames/s; ms per frame: ", seconds, rate)
      + Span.job.map { span in
        let frames = [.preprocess, .inference, .saliency].contains(span) ? progress.analysed : progress.written
        return "\(span) " + String(format: "%.2f", (progress.seconds[span] ?? 0) * 1000 / Double(max(1, frames)))
      }.joined(separator: ", "))
  let shares = progress.topShares.prefix(5).map { entry in
    "\(label(entry.index)) \(String(format: "%.0f", entry.share * 100)) %"
  }
  if !shares.isEmpty { lines.append("top class: " + shares.joined(separator: ", ")) }
  if let output { lines.append("wrote \(output)") }
  return lines
}
