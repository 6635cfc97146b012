/// A heat map over the part of the picture that the network sees.
package final class SaliencyOverlay: Overlay {
  /// What users call it.
  package static let name = "saliency"
  private let painter: HeatPainter
  private let picture: Rect

  /// Measures what stays the same from frame to frame.
  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    painter = HeatPainter(canvas: canvas, style: style.heat)
    picture = areas.picture
  }

  /// Blends the map into the picture.
  package func draw(_ content: OverlayContent, _ covered: inout CoveredAreas) {
    guard let heat = content.heat else { return }
    covered.add(painter.draw(heat, on: picture))
  }
}
