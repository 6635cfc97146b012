/// One line of text at the lower left, on a dark pill.
package final class StatusLine: Overlay {
  /// What users call it.
  package static let name = "status"
  private let canvas: Canvas
  private let area: Rect
  private let text: TextSetter
  private let font: TextStyle
  private let padding: Int

  /// Measures what stays the same from frame to frame.
  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    (self.canvas, self.text) = (canvas, text)
    area = canvas.aligned(areas.status)
    font = TextStyle(size: max(8, (areas.em * 0.86).rounded()))
    padding = max(4, Int(areas.em * 0.6))
  }

  /// Draws it in its own area, if there is room.
  package func draw(_ content: OverlayContent, _ covered: inout CoveredAreas) {
    guard !content.status.isEmpty, area.width > 4 * padding else { return }
    let height = Int((font.size * 1.75).rounded())
    let width = min(area.width, text.changingWidth(content.status, font) + 2 * padding)
    let box = canvas.aligned(Rect(x: area.x, y: area.maxY - height, width: width, height: height))
    guard covered.claim(box) else { return }
    canvas.clip = box
    canvas.fillRounded(box, radius: box.height / 2, Palette.ground, opacity: Palette.groundOpacity)
    let baseline = box.y + (box.height + Int((font.size * 0.72).rounded())) / 2
    text.drawChanging(
      content.status, font, x: box.x + padding, baseline: baseline, maxWidth: box.width - 2 * padding, Palette.dim)
    canvas.clip = canvas.bounds
  }
}
