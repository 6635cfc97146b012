import Frames
import Imaging

/// The best classes: label, percent, and a bar under them.
package final class TopClassesPanel: Overlay {
  package static let name = "top"
  private let canvas: Canvas
  private let style: OverlayStyle
  private let area: Rect
  private let isFloating: Bool
  private let text: TextSetter
  private let label: TextStyle, strong: TextStyle
  private let metrics: Metrics
  private static let percents = ["<1%"] + (1...100).map { "\($0)%" }

  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    (self.canvas, self.style, self.text) = (canvas, style, text)
    (area, isFloating) = (canvas.aligned(areas.panel), areas.isFloating)
    label = TextStyle(size: areas.em)
    strong = TextStyle(size: areas.em, isBold: true)
    metrics = Metrics(em: areas.em)
  }

  /// Distances in pixels, from the text's size.
  struct Metrics {
    let padding: Int, barHeight: Int, rowHeight: Int, ascent: Int, barGap: Int

    init(em: Double) {
      padding = max(4, Int(em * 0.8))
      barHeight = max(2, Int((em * 0.22).rounded()))
      rowHeight = Int((em * 1.95).rounded())
      ascent = Int((em * 0.95).rounded())
      barGap = max(2, Int((em * 0.33).rounded()))
    }

    /// How many rows, up to `count`, a panel of this height has room for; at least one.
    func rows(in height: Int, atMost count: Int) -> Int {
      max(1, min(count, 1 + (height - self.height(rows: 1)) / rowHeight))
    }

    /// The panel's height: the space under the last bar is the padding's.
    func height(rows: Int) -> Int { (rows - 1) * rowHeight + ascent + barGap + barHeight + 2 * padding }
  }

  package var hasRoom: Bool { area.width > 3 * metrics.padding && area.height >= metrics.height(rows: 1) }

  package func draw(_ shown: ShownFrame, _ covered: inout CoveredAreas) {
    let (top, areProbabilities) = (shown.analysis.top, shown.analysis.network.scoresAreProbabilities)
    let count = min(top.count, style.topCount, metrics.rows(in: area.height, atMost: style.topCount))
    guard count > 0, hasRoom else { return }
    let box = canvas.aligned(
      Rect(x: area.x, y: area.y, width: area.width, height: metrics.height(rows: count))
    )
    .intersection(area)
    guard covered.claim(box) else { return }
    canvas.clip = box
    canvas.drawGround(box, radius: metrics.padding * 3 / 4, isFloating: isFloating)
    let largest = areProbabilities ? 1 : top.reduce(Float.leastNormalMagnitude) { max($0, $1.confidence) }
    for row in 0..<count {
      draw(
        top[row], row, largest, areProbabilities, in: box.inset(metrics.padding, 0),
        y: box.y + metrics.padding + row * metrics.rowHeight)
    }
    canvas.clip = canvas.bounds
  }

  private func draw(
    _ score: ClassScore, _ row: Int, _ largest: Float, _ isProbability: Bool, in box: Rect, y: Int
  ) {
    let font = row == 0 ? strong : label
    let color = row == 0 ? Palette.text : Palette.dim
    let number = Self.number(score.confidence, isProbability)
    let numberWidth = text.width(number, font)
    let baseline = y + metrics.ascent
    let space = box.width - numberWidth - metrics.padding
    text.draw(score.label, font, x: box.x, baseline: baseline, maxWidth: space, color)
    text.draw(number, font, right: box.maxX, baseline: baseline, color)
    let top = baseline + metrics.barGap
    let track = Rect(x: box.x, y: top, width: box.width, height: metrics.barHeight)
    canvas.fillRounded(track, radius: metrics.barHeight / 2, Palette.track, opacity: Palette.trackOpacity)
    let share = score.confidence / largest
    guard share.isFinite, share > 0 else { return }
    var bar = track
    bar.width = max(metrics.barHeight, Int((Float(track.width) * min(share, 1)).rounded()))
    canvas.fillRounded(bar, radius: metrics.barHeight / 2, row == 0 ? Palette.accent : Palette.bar)
  }

  /// Whole percents, or a raw score with one decimal.
  private static func number(_ value: Float, _ isProbability: Bool) -> String {
    guard value.isFinite else { return "–" }
    if isProbability { return percents[Int((min(max(value, 0), 1) * 100).rounded())] }
    guard abs(value) < 1e6 else { return String(value) }
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
