import Frames
import Tensors

/// One picture many times side by side, each with another heat map and a title: RGB, whatever the picture was.
package final class ContactSheet {
  /// One picture of the sheet.
  package struct Cell {
    /// What it shows, above it at the left.
    package var title: String
    /// More, dimmed, at the right.
    package var detail: String
    /// The map; nil for the picture alone. Its placement is that on the picture as it came.
    package var heat: HeatMap?
    /// Shows the map alone, as suits maps of single pixels.
    package var isFine: Bool

    /// All of it at once.
    package init(title: String, detail: String = "", heat: HeatMap? = nil, isFine: Bool = false) {
      (self.title, self.detail, self.heat, self.isFine) = (title, detail, heat, isFine)
    }
  }

  /// The sheet's format.
  package let format: FrameFormat
  /// Columns of pictures.
  package let columns: Int
  private let canvas: Canvas
  private let text: TextSetter
  private let tile: (width: Int, height: Int)
  private let gap: Int
  private let lineHeight: Int
  private let em: Double
  private let scaler: Preprocessor
  private let planes: Tensor
  private let scale: (x: Double, y: Double)
  private let warm: HeatPainter
  private let alone: HeatPainter
  private var y = 0

  /// - Parameters:
  ///   - picture: the format of the pictures.
  ///   - blocks: for each heading the number of cells under it.
  ///   - style: of the maps over the picture.
  package init(picture: FrameFormat, blocks: [Int], style: HeatStyle) throws {
    let most = blocks.max() ?? 1
    columns = most <= 4 ? max(1, most) : most <= 8 ? 4 : 6
    let display = FitGeometry.displaySize(picture)
    let limit = most == 1 ? 1280.0 : most <= 4 ? 480 : 320
    let shrink = min(1, limit / Double(display.width), limit / Double(display.height))
    tile = (max(16, Int(Double(display.width) * shrink) & ~1), max(16, Int(Double(display.height) * shrink) & ~1))
    em = max(9, (Layout.em(width: tile.width * 2, height: tile.height * 2)).rounded())
    (gap, lineHeight) = (Int(em * 0.8) & ~1, Int(em * 1.7) & ~1)
    let (columns, tile, gap, lineHeight) = (columns, tile, gap, lineHeight)
    let rows = blocks.reduce(0) { $0 + ($1 + columns - 1) / columns }
    format = FrameFormat(
      pixelFormat: .rgb24, width: (columns * (tile.width + gap) + gap + 1) & ~1,
      height: (rows * (tile.height + lineHeight + gap) + blocks.count * (lineHeight + gap) + gap + 1) & ~1,
      timeBase: picture.timeBase, frameRate: picture.frameRate)
    canvas = try Canvas(format)
    text = TextSetter(canvas: canvas)
    let squash = InputTransform(
      height: tile.height, width: tile.width, fit: .squash, resizeTo: nil, color: .rgb, scale: 1, mean: [0, 0, 0],
      std: [1, 1, 1])
    scaler = try Preprocessor(format: picture, transform: squash)
    planes = Tensor(.float32, [3, tile.height, tile.width])
    scale = (Double(tile.width) / Double(picture.width), Double(tile.height) / Double(picture.height))
    warm = HeatPainter(canvas: canvas, style: style)
    var fine = style
    (fine.showsPicture, fine.colormap, fine.contour) = (false, .magma, nil)
    alone = HeatPainter(canvas: canvas, style: fine)
  }

  /// Turns to a sheet, of this format, for the next picture.
  package func begin(_ picture: Frame, on sheet: Frame) {
    canvas.begin(sheet)
    canvas.fill(canvas.bounds, Palette.page)
    if let base = planes.view.floats.baseAddress { scaler.fill(picture, into: base) }
    y = gap
  }

  /// Draws a heading, and under it the cells, row by row.
  package func draw(_ heading: String, _ cells: [Cell]) {
    let bold = TextStyle(size: (em * 1.15).rounded(), isBold: true)
    text.draw(heading, bold, x: gap, baseline: y + lineHeight * 3 / 4, maxWidth: format.width - 2 * gap, Palette.accent)
    y += lineHeight + gap / 2
    for start in stride(from: 0, to: cells.count, by: columns) {
      for (column, cell) in cells[start..<min(start + columns, cells.count)].enumerated() {
        draw(cell, gap + column * (tile.width + gap))
      }
      y += lineHeight + tile.height + gap
    }
    y += gap / 2
  }

  private func draw(_ cell: Cell, _ x: Int) {
    let (title, detail) = (TextStyle(size: em, isBold: true), TextStyle(size: (em * 0.9).rounded()))
    let baseline = y + lineHeight * 3 / 4
    let used = text.draw(cell.title, title, x: x, baseline: baseline, maxWidth: tile.width, Palette.text)
    if used + text.width(cell.detail, detail) + Int(em) <= tile.width {
      text.draw(cell.detail, detail, right: x + tile.width, baseline: baseline, Palette.dim)
    }
    let area = Rect(x: x, y: y + lineHeight, width: tile.width, height: tile.height)
    copyPicture(area)
    guard var heat = cell.heat else { return }
    heat.placement = heat.placement.scaled(scale.x, scale.y)
    if cell.isFine { dim(area) }
    _ = (cell.isFine ? alone : warm).draw(heat, on: area)
    frame(heat.placement.pixels(from: area.x, area.y).intersection(area), area)
  }

  /// What the network did not see stays dark beside a map that stands alone.
  private func dim(_ area: Rect) { canvas.fill(area, Palette.page, opacity: 170) }

  /// The edge of what the network saw, where that is not everything.
  private func frame(_ inside: Rect, _ area: Rect) {
    guard inside != area, inside.width > 8, inside.height > 8 else { return }
    for side in [
      Rect(x: inside.x, y: inside.y, width: inside.width, height: 1),
      Rect(x: inside.x, y: inside.maxY - 1, width: inside.width, height: 1),
      Rect(x: inside.x, y: inside.y, width: 1, height: inside.height),
      Rect(x: inside.maxX - 1, y: inside.y, width: 1, height: inside.height),
    ] { canvas.fill(side, Palette.text, opacity: 110) }
  }

  private func copyPicture(_ area: Rect) {
    let values = planes.view.floats
    let plane = tile.width * tile.height
    for c in 0..<3 {
      let channel = canvas.channels[c]
      for row in 0..<tile.height {
        let target = canvas.address(channel, area.x, area.y + row)
        let source = c * plane + row * tile.width
        for column in 0..<tile.width {
          target[column * channel.component.step] = UInt8(min(max(values[source + column], 0), 255).rounded())
        }
      }
    }
  }
}
