import Frames
import Tensors

/// One picture many times side by side, each with another heat map and a title: RGB, whatever the picture was.
package final class ContactSheet {
  /// One picture of the sheet.
  package struct Cell {
    /// The text above it at the left.
    package var title: String
    /// Further text, dimmed, at the right.
    package var detail: String
    /// The map; nil for the picture alone. Its placement is that on the picture as it came.
    package var heat: HeatMap?
    /// Shows the map alone, as suits maps of single pixels.
    package var isFine: Bool

    package init(title: String, detail: String = "", heat: HeatMap? = nil, isFine: Bool = false) {
      (self.title, self.detail, self.heat, self.isFine) = (title, detail, heat, isFine)
    }
  }

  package let format: FrameFormat
  package let columns: Int
  private let canvas: Canvas
  private let text: TextSetter
  private let tile: (width: Int, height: Int)
  private let gap: Int, lineHeight: Int
  private let em: Double
  /// The picture at the size of the maps, of which tiles show a part.
  private let large: ScaledPicture
  private let origin: (x: Int, y: Int)
  /// The whole picture, as large as a tile has room for.
  private let whole: ScaledPicture
  private let input: InputPlacement
  private let warm: HeatPainter, alone: HeatPainter
  private var y = 0

  /// - Parameters:
  ///   - picture: the format of the pictures.
  ///   - blocks: for each heading the number of cells under it.
  ///   - placement: of the network's input: pictures with maps show no more than that, unless there is only one.
  ///   - style: of the maps over the picture.
  package init(picture: FrameFormat, blocks: [Int], placement: InputPlacement, style: HeatStyle) throws {
    let most = blocks.max() ?? 1
    columns = most <= 4 ? max(1, most) : most <= 8 ? 4 : 6
    let bounds = Rect(x: 0, y: 0, width: picture.width, height: picture.height)
    let seen = most == 1 ? bounds : placement.pixels().intersection(bounds)
    let display = FitGeometry.displaySize(picture)
    let aspect = (x: Double(display.width) / Double(picture.width), y: Double(display.height) / Double(picture.height))
    let limit = most == 1 ? 1280.0 : most <= 4 ? 480 : 300
    let shrink = min(
      most == 1 ? 1 : 4, limit / (Double(seen.width) * aspect.x), limit / (Double(seen.height) * aspect.y))
    let scale = (x: aspect.x * shrink, y: aspect.y * shrink)
    func pixels(_ size: Int, _ factor: Double) -> Int { max(1, Int((Double(size) * factor).rounded())) }
    tile = (max(16, pixels(seen.width, scale.x) & ~1), max(16, pixels(seen.height, scale.y) & ~1))
    large = try ScaledPicture(picture, pixels(picture.width, scale.x), pixels(picture.height, scale.y))
    origin = (pixels(seen.x, scale.x), pixels(seen.y, scale.y))
    let shown = min(Double(tile.width) / Double(display.width), Double(tile.height) / Double(display.height))
    whole = try ScaledPicture(picture, pixels(display.width, shown), pixels(display.height, shown))
    input = placement
    em = max(9, (TextStyle.em(width: tile.width * 2, height: tile.height * 2)).rounded())
    (gap, lineHeight) = (Int(em * 0.8) & ~1, Int(em * 1.7) & ~1)
    let (columns, tile, gap, lineHeight) = (columns, tile, gap, lineHeight)
    let rows = blocks.reduce(0) { $0 + ($1 + columns - 1) / columns }
    format = FrameFormat(
      pixelFormat: .rgb24, width: (columns * (tile.width + gap) + gap + 1) & ~1,
      height: (rows * (tile.height + lineHeight + gap) + blocks.count * (lineHeight + gap) + gap + 1) & ~1,
      timeBase: picture.timeBase, frameRate: picture.frameRate)
    canvas = try Canvas(format)
    try TextSetter.checkFonts()
    text = TextSetter(canvas: canvas)
    warm = HeatPainter(canvas: canvas, style: style)
    var fine = style
    (fine.showsPicture, fine.colormap, fine.contour) = (false, .magma, nil)
    alone = HeatPainter(canvas: canvas, style: fine)
  }

  /// Turns to a sheet, of this format, for the next picture.
  package func begin(_ picture: Frame, on sheet: Frame) {
    canvas.begin(sheet)
    canvas.fill(canvas.bounds, Palette.page)
    large.fill(picture)
    whole.fill(picture)
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
    canvas.clip = area
    defer { canvas.clip = canvas.bounds }
    guard var heat = cell.heat else {
      let place = (x: x + (tile.width - whole.width) / 2, y: area.y + (tile.height - whole.height) / 2)
      whole.draw(on: canvas, at: place)
      let shown = Rect(x: place.x, y: place.y, width: whole.width, height: whole.height)
      return frame(whole.placed(input).pixels(from: place.x, place.y).intersection(shown), shown)
    }
    let picture = Rect(x: x - origin.x, y: area.y - origin.y, width: large.width, height: large.height)
    large.draw(on: canvas, at: (picture.x, picture.y))
    heat.placement = large.placed(heat.placement)
    if cell.isFine { dim(area) }
    _ = (cell.isFine ? alone : warm).draw(heat, on: picture)
    frame(heat.placement.pixels(from: picture.x, picture.y).intersection(area), area)
  }

  /// Darkens the part that the network did not see, beside a map that is drawn without the picture.
  private func dim(_ area: Rect) { canvas.fill(area, Palette.page, opacity: 170) }

  /// The edge of what the network saw, where that is not everything.
  private func frame(_ inside: Rect, _ area: Rect) {
    guard inside != area, inside.width > 8, inside.height > 8 else { return }
    for side in [
      Rect(x: inside.x, y: inside.y, width: inside.width, height: 1),
      Rect(x: inside.x, y: inside.maxY - 1, width: inside.width, height: 1),
      Rect(x: inside.x, y: inside.y, width: 1, height: inside.height),
      Rect(x: inside.maxX - 1, y: inside.y, width: 1, height: inside.height),
    ] { canvas.fill(side, Palette.text, opacity: 150) }
  }
}

/// A picture scaled to a size of its own, as RGB.
final class ScaledPicture {
  let width: Int, height: Int
  private let scaler: Preprocessor
  /// Red, green and blue, 0…255, [3, height, width].
  let planes: Tensor
  private let scale: (x: Double, y: Double)

  init(_ format: FrameFormat, _ width: Int, _ height: Int) throws {
    (self.width, self.height) = (width, height)
    let squash = InputTransform(
      height: height, width: width, fit: .squash, resizeTo: nil, color: .rgb, scale: 1, mean: [0, 0, 0], std: [1, 1, 1])
    scaler = try Preprocessor(format: format, transform: squash)
    planes = Tensor(.float32, [3, height, width])
    scale = (Double(width) / Double(format.width), Double(height) / Double(format.height))
  }

  func fill(_ picture: Frame) {
    if let base = planes.view.floats.baseAddress { scaler.fill(picture, into: base) }
  }

  /// Where something lies that had this place on the picture.
  func placed(_ placement: InputPlacement) -> InputPlacement { placement.scaled(scale.x, scale.y) }

  /// Copies it to an RGB canvas; what lies outside of the clip is left out.
  func draw(on canvas: Canvas, at place: (x: Int, y: Int)) {
    let values = planes.view.floats
    let area = Rect(x: place.x, y: place.y, width: width, height: height).intersection(canvas.clip)
    for c in 0..<3 {
      let channel = canvas.channels[c]
      for row in area.y..<area.maxY {
        let target = canvas.address(channel, area.x, row)
        let source = (c * height + row - place.y) * width + area.x - place.x
        for column in 0..<area.width {
          target[column * channel.component.step] = UInt8(min(max(values[source + column], 0), 255).rounded())
        }
      }
    }
  }
}
