import Imaging

/// Shows which part of the picture the network saw: a thin line with strong corners.
package final class CropFrame: Overlay {
  package static let name = "crop"
  package static let hasText = false
  package static let option: (name: String, help: String)? = (
    "show-crop", "mark the part of the picture that the network sees"
  )
  private let canvas: Canvas
  private let picture: Rect
  private let thickness: Int

  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    self.canvas = canvas
    picture = areas.picture
    let grid = max(1 << canvas.format.pixelFormat.log2ChromaWidth, 1 << canvas.format.pixelFormat.log2ChromaHeight)
    // On the chroma grid, so that the line keeps its colour.
    thickness = max(grid, Int(areas.em / 8) / grid * grid)
  }

  package func draw(_ shown: ShownFrame, _ covered: inout CoveredAreas) {
    let frame = canvas.aligned(shown.crop.intersection(picture))
    guard frame != canvas.aligned(picture), min(frame.width, frame.height) > 8 * thickness else { return }
    let arm = max(4 * thickness, min(frame.width, frame.height) / 12)
    let t = thickness
    let sides = (
      Rect(x: frame.x, y: frame.y, width: frame.width, height: t),
      Rect(x: frame.x, y: frame.maxY - t, width: frame.width, height: t),
      Rect(x: frame.x, y: frame.y + t, width: t, height: frame.height - 2 * t),
      Rect(x: frame.maxX - t, y: frame.y + t, width: t, height: frame.height - 2 * t)
    )
    line(sides.0, arm, true, &covered)
    line(sides.1, arm, true, &covered)
    line(sides.2, arm - t, false, &covered)
    line(sides.3, arm - t, false, &covered)
  }

  private func line(_ side: Rect, _ arm: Int, _ isHorizontal: Bool, _ covered: inout CoveredAreas) {
    let area = canvas.aligned(side)
    covered.add(area)
    canvas.clip = area
    canvas.fill(side, Palette.text, opacity: 90)
    var (first, last) = (side, side)
    if isHorizontal {
      (first.width, last.width, last.x) = (arm, arm, side.maxX - arm)
    } else {
      (first.height, last.height, last.y) = (arm, arm, side.maxY - arm)
    }
    canvas.fill(first, Palette.accent)
    canvas.fill(last, Palette.accent)
    canvas.clip = canvas.bounds
  }
}
