import CKernels
import Imaging

/// The feature maps of layers as tiles, a box for each layer with its name and shape.
package final class FeatureMosaic: Overlay {
  package static let name = "mosaic"
  private let canvas: Canvas
  private let style: OverlayStyle
  private let areas: OverlayAreas
  private let area: Rect
  private let text: TextSetter
  private let title: TextStyle, shapeFont: TextStyle
  private let padding: Int, gap: Int, titleHeight: Int
  private let table: InkTable
  private let unit: Int
  private var selector: ChannelSelector
  private var pixels: [UInt8] = []
  private var grids: [GridKey: TileGrid?] = [:]
  private var shapes: [SIMD3<Int>: String] = [:]
  package private(set) var hasRoom = true

  package required init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter) {
    (self.canvas, self.style, self.areas, self.text) = (canvas, style, areas, text)
    area = canvas.aligned(areas.mosaics)
    unit = max(1 << canvas.format.pixelFormat.log2ChromaWidth, 1 << canvas.format.pixelFormat.log2ChromaHeight)
    let unit = unit
    func grid(_ n: Double) -> Int { max(unit, (Int(n) + unit - 1) / unit * unit) }
    // Names of layers tell most at their ends.
    title = TextStyle(size: areas.em, isBold: true, cutsMiddle: true)
    shapeFont = TextStyle(size: max(8, (areas.em * 0.9).rounded()))
    padding = grid(areas.em * 0.7)
    gap = grid(areas.em / 10)
    titleHeight = grid(areas.em * 1.6)
    table = InkTable(style.colormap, for: canvas)
    selector = ChannelSelector(style.channels, by: style.order, style.normalization)
  }

  package func draw(_ shown: ShownFrame, _ covered: inout CoveredAreas) {
    let layers = shown.analysis.layers
    guard !layers.isEmpty else { return }
    let slots = slotCount(layers.count)
    for i in 0..<slots { draw(layers[i], in: slot(i, of: slots), &covered) }
  }

  /// As many mosaics as can be read, side by side in a wide area and stacked in a tall one.
  func slotCount(_ count: Int) -> Int {
    let smallest = titleHeight + 2 * padding + Int(areas.em * 2)
    let across = area.width >= area.height * 3 / 2
    return min(count, max(1, (across ? area.width / 2 : area.height) / smallest))
  }

  private func slot(_ i: Int, of count: Int) -> Rect {
    let space = max(unit, padding / unit * unit)
    if area.width >= area.height * 3 / 2 {
      let width = ((area.width - (count - 1) * space) / count) / unit * unit
      return Rect(x: area.x + i * (width + space), y: area.y, width: width, height: area.height)
    }
    let height = ((area.height - (count - 1) * space) / count) / unit * unit
    return Rect(x: area.x, y: area.y + i * (height + space), width: area.width, height: height)
  }

  private func draw(_ layer: LayerValues, in slot: Rect, _ covered: inout CoveredAreas) {
    guard layer.channels > 0, layer.height > 0, layer.width > 0 else { return }
    guard let grid = grid(for: layer, in: slot) else {
      hasRoom = false
      return
    }
    let box = place(grid, slot)
    guard covered.claim(box) else { return }
    canvas.clip = box
    canvas.drawGround(box, radius: padding * 3 / 4, isFloating: areas.isFloating)
    drawTitle(layer, box)
    selector.select(layer, grid.count)
    let origin = (x: box.x + padding, y: box.y + padding + titleHeight)
    for i in 0..<min(grid.count, selector.selected.count) {
      let (column, row) = (i % grid.columns, i / grid.columns)
      drawTile(
        layer, selector.selected[i], grid, origin.x + column * (grid.tileWidth + gap),
        origin.y + row * (grid.tileHeight + gap))
    }
    canvas.clip = canvas.bounds
  }

  private struct GridKey: Hashable {
    let channels: Int, height: Int, width: Int
    let slot: Rect
  }

  /// The arrangement for maps of this shape, which is found once.
  private func grid(for layer: LayerValues, in slot: Rect) -> TileGrid? {
    let key = GridKey(channels: layer.channels, height: layer.height, width: layer.width, slot: slot)
    if let known = grids[key] { return known }
    let across = Int(Double(slot.width) * areas.aspect)
    let limit = areas.isFloating && slot.height > across ? across + titleHeight : slot.height
    let inside = Rect(
      x: slot.x + padding, y: slot.y + padding + titleHeight, width: slot.width - 2 * padding,
      height: min(slot.height, limit) - 2 * padding - titleHeight)
    let grid = TileGrid(
      selector.count(of: layer), mapWidth: layer.width, mapHeight: layer.height, within: inside, gap: gap, unit: unit,
      comfortable: style.channels == .automatic(limit: nil) ? Int(areas.em * 2.4) : 1, pixelAspect: areas.aspect)
    if grids.count > 64 { grids.removeAll() }
    grids[key] = .some(grid)
    return grid
  }

  /// The box around a grid: as small as it can be when it floats over the picture, at the slot's lower right.
  private func place(_ grid: TileGrid, _ slot: Rect) -> Rect {
    let height = min(slot.height, grid.height + 2 * padding + titleHeight)
    guard areas.isFloating else {
      return canvas.aligned(Rect(x: slot.x, y: slot.y, width: slot.width, height: height)).intersection(slot)
    }
    let width = min(slot.width, max(grid.width, Int(areas.em * 7 / areas.aspect)) + 2 * padding) / unit * unit
    return canvas.aligned(Rect(x: slot.maxX - width, y: slot.maxY - height, width: width, height: height))
      .intersection(canvas.aligned(slot))
  }

  private func drawTitle(_ layer: LayerValues, _ box: Rect) {
    guard !layer.name.isEmpty else { return }
    let baseline = box.y + padding + Int((areas.em * 0.85).rounded())
    let space = box.width - 2 * padding
    let used = text.draw(
      layer.name, title, x: box.x + padding, baseline: baseline, maxWidth: space, Palette.text)
    let shape = shape(layer)
    if used + padding + text.width(shape, shapeFont) <= space {
      text.draw(shape, shapeFont, right: box.maxX - padding, baseline: baseline, Palette.dim)
    }
  }

  /// As in `64 × 56 × 56`, or `1000` for a fully connected layer; made once for each shape.
  private func shape(_ layer: LayerValues) -> String {
    let extents = SIMD3(layer.channels, layer.height, layer.width)
    if let text = shapes[extents] { return text }
    let text = layer.isVector ? "\(layer.channels)" : "\(layer.channels) × \(layer.height) × \(layer.width)"
    shapes[extents] = text
    return text
  }

  private func drawTile(
    _ layer: LayerValues, _ channel: Int, _ grid: TileGrid, _ x: Int, _ y: Int
  ) {
    let count = grid.tileWidth * grid.tileHeight
    if pixels.count < count { pixels = [UInt8](repeating: 0, count: count) }
    let (low, high) = selector.range(layer, channel)
    let gain = high > low ? 255 / (high - low) : 0
    pixels.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      fovea_image_tile(
        base, grid.tileWidth, Int32(grid.tileWidth), Int32(grid.tileHeight),
        layer.map(channel), Int32(layer.width), Int32(layer.height), low, gain)
      canvas.draw(
        indices: base, stride: grid.tileWidth, width: grid.tileWidth, height: grid.tileHeight, x: x, y: y, table)
    }
  }
}
