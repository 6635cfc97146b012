import Foundation
import Imaging

/// One line of text at the lower left, on a dark pill.
package final class StatusLine: Overlay {
  package static let name = "status"
  package static let option: (name: String, help: String)? = (
    "status", "add a line with time, frame, model and milliseconds"
  )
  private let canvas: Canvas
  private let area: Rect
  private let text: TextSetter
  private let font: TextStyle
  private let padding: Int

  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    (self.canvas, self.text) = (canvas, text)
    area = canvas.aligned(areas.status)
    font = TextStyle(size: max(8, (areas.em * 0.86).rounded()))
    padding = max(4, Int(areas.em * 0.6))
  }

  package var hasRoom: Bool { area.width > 4 * padding }

  package func draw(_ shown: ShownFrame, _ covered: inout CoveredAreas) {
    guard hasRoom else { return }
    let line = Self.line(shown)
    let height = Int((font.size * 1.75).rounded())
    let width = min(area.width, text.changingWidth(line, font) + 2 * padding)
    let box = canvas.aligned(Rect(x: area.x, y: area.maxY - height, width: width, height: height))
    guard covered.claim(box) else { return }
    canvas.clip = box
    canvas.fillRounded(box, radius: box.height / 2, Palette.ground, opacity: Palette.groundOpacity)
    let baseline = box.y + (box.height + Int((font.size * 0.72).rounded())) / 2
    text.drawChanging(
      line, font, x: box.x + padding, baseline: baseline, maxWidth: box.width - 2 * padding, Palette.dim)
    canvas.clip = canvas.bounds
  }

  /// As in `12.04 s   frame 301   SqueezeNet 1.1   8.4 ms`.
  private static func line(_ shown: ShownFrame) -> String {
    let (frame, times) = (shown.frame, shown.analysis.times)
    let time = frame.seconds.map { String(format: "%.2f s", $0) } ?? "–"
    let cost = String(format: "%.1f ms", (times.preprocess + times.inference + times.saliency) * 1000)
    return "\(time)   frame \(frame.sequence)   \(shown.analysis.network.name)   \(cost)"
  }
}
