import Imaging

/// A heat map over the part of the picture that the network sees.
package final class SaliencyOverlay: Overlay {
  package static let name = "saliency"
  package static let hasText = false
  private let painter: HeatPainter
  private let picture: Rect

  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    painter = HeatPainter(canvas: canvas, style: style.heat)
    picture = areas.picture
  }

  package func draw(_ shown: ShownFrame, _ covered: inout CoveredAreas) {
    guard let explanation = shown.explanation else { return }
    covered.add(painter.draw(explanation.heat(shown.placement), on: picture))
  }
}
