import CKernels
import Frames

/// Blends heat maps of one size into pictures, in their own samples. One thread at a time; nothing is allocated once a map of
/// this size has been drawn at this place.
package final class HeatPainter {
  private let canvas: Canvas
  private let style: HeatStyle
  /// Ink and opacity of each level, by channel of the canvas.
  private let tables: [[UInt32]]
  /// For luma and chroma: the same table where chroma is not subsampled.
  private var grids: [HeatGrid] = []
  private var key: Key?
  private let levels: UnsafeMutablePointer<UInt8>, below: UnsafeMutablePointer<UInt8>
  private let values: UnsafeMutablePointer<UInt16>

  private struct Key: Equatable {
    let height: Int, width: Int
    let placement: InputPlacement
    let columns: Int, rows: Int
  }

  package init(canvas: Canvas, style: HeatStyle) {
    (self.canvas, self.style) = (canvas, style)
    let inks = (0..<256).map { canvas.ink(style.colormap.color(UInt8($0))) }
    tables = canvas.channels.indices.map { c in
      zip(inks, style.opacities).map { UInt32($0[c]) | UInt32($1) << 16 }
    }
    let width = canvas.format.width + 8
    (levels, below, values) = (.allocate(capacity: width), .allocate(capacity: width), .allocate(capacity: width))
    levels.initialize(repeating: 0, count: width)
    below.initialize(repeating: 0, count: width)
    values.initialize(repeating: 0, count: width)
  }

  deinit {
    levels.deallocate()
    below.deallocate()
    values.deallocate()
  }

  /// Draws the map on the picture that lies in this rectangle of the canvas; returns what it covered.
  @discardableResult
  package func draw(_ map: HeatMap, on picture: Rect) -> Rect {
    let inside = map.placement.pixels(from: picture.x, picture.y).intersection(picture)
    guard !inside.isEmpty, map.height > 0, map.width > 0 else { return Rect(x: 0, y: 0, width: 0, height: 0) }
    let area = canvas.aligned(inside).intersection(canvas.clip)
    guard !area.isEmpty else { return area }
    prepare(map, picture)
    for grid in grids { grid.enlarge(map) }
    for (c, channel) in canvas.channels.enumerated() {
      let grid = grids[channel.log2Width + channel.log2Height > 0 ? 1 : 0]
      draw(c, channel, grid, area, picture)
    }
    if style.showsPeak, let peak = map.peak { mark(map.placement.point(peak.u, peak.v), picture) }
    return area
  }

  private func prepare(_ map: HeatMap, _ picture: Rect) {
    let key = Key(
      height: map.height, width: map.width, placement: map.placement, columns: picture.width, rows: picture.height)
    guard key != self.key else { return }
    self.key = key
    let chroma = canvas.channels.first { $0.log2Width + $0.log2Height > 0 }
    grids = [(0, 0), chroma.map { ($0.log2Width, $0.log2Height) } ?? (0, 0)].map { log2Width, log2Height in
      HeatGrid(map, picture, log2Width: log2Width, log2Height: log2Height, isNearest: style.isNearest)
    }
  }

  private func draw(_ c: Int, _ channel: Canvas.Channel, _ grid: HeatGrid, _ area: Rect, _ picture: Rect) {
    let (sx, sy) = (channel.log2Width, channel.log2Height)
    let columns = area.x >> sx..<((area.maxX - 1) >> sx) + 1
    let start = columns.lowerBound - picture.x >> sx
    let component = channel.component
    let line = max(1, style.contour == nil ? 0 : canvas.format.height / 300)
    for row in area.y >> sy..<((area.maxY - 1) >> sy) + 1 {
      let y = row - picture.y >> sy
      grid.levels(levels, y, from: start, columns.count, canvas.isa)
      ink(canvas.address(channel, columns.lowerBound, row), component, tables[c], columns.count)
      guard let contour = style.contour else { continue }
      let (across, down) = (max(1, line >> sx), max(1, line >> sy))
      grid.levels(below, y + down, from: start, columns.count, canvas.isa)
      fovea_image_contour(
        canvas.weights, levels, below, Int32(across), UInt8(255 * min(max(contour, 0), 1)), Int32(columns.count))
      canvas.blend(channel, columns.lowerBound, row, columns.count, canvas.ink(Palette.text)[c], canvas.weights, 1)
    }
  }

  /// Blends the colours of a row of levels into a row of samples.
  private func ink(_ place: UnsafeMutablePointer<UInt8>, _ component: PixelComponent, _ table: [UInt32], _ n: Int) {
    if component.step == 1, component.depth == 8, component.shift == 0 {
      return fovea_image_heat(place, levels, table, Int32(n), canvas.isa)
    }
    fovea_image_heat_ink(values, canvas.weights, levels, table, Int32(n))
    fovea_image_blend(
      place, Int32(component.step), Int32(component.shift), Int32(component.depth), values, 1, canvas.weights, 1,
      Int32(n), canvas.isa)
  }

  /// A cross with an open middle.
  private func mark(_ point: (x: Double, y: Double), _ picture: Rect) {
    let thick = max(1, Int((TextStyle.em(width: picture.width, height: picture.height) / 9).rounded()))
    let (x, y, arm) = (picture.x + Int(point.x), picture.y + Int(point.y), 6 * thick)
    for isInk in 0...1 {
      let (color, grow) = isInk == 1 ? (Palette.text, 0) : (Palette.ground, thick)
      for side in 0..<4 {
        let (dx, dy) = side < 2 ? (2 * side - 1, 0) : (0, 2 * side - 5)
        let (cx, cy) = (x + dx * (2 * thick + arm / 2), y + dy * (2 * thick + arm / 2))
        let (width, height) = (dx == 0 ? thick : arm, dy == 0 ? thick : arm)
        let bar = Rect(
          x: cx - width / 2 - grow, y: cy - height / 2 - grow, width: width + 2 * grow, height: height + 2 * grow)
        canvas.fill(bar.intersection(picture), color)
      }
    }
  }
}

/// Where the samples of one component lie on a map.
private final class HeatGrid {
  private let columns: [Tap], rows: [Tap]
  private let rowsLarge: UnsafeMutablePointer<Float>
  private let height: Int

  /// The cell before a sample, the one after it, and the share of the latter.
  private struct Tap {
    var low: Int, high: Int
    var share: Float

    init(_ position: Double, _ cells: Int, _ isNearest: Bool) {
      let limit = Double(cells) - 0.5
      if isNearest {
        (low, share) = (Int(min(max(position + 0.5, 0), limit)), 0)
        high = low
        return
      }
      let place = min(max(position, 0), Double(cells - 1))
      low = min(Int(place), cells - 1)
      high = min(low + 1, cells - 1)
      share = high > low ? Float(place - Double(low)) : 0
    }
  }

  init(_ map: HeatMap, _ picture: Rect, log2Width: Int, log2Height: Int, isNearest: Bool) {
    func taps(_ samples: Int, _ log2: Int, _ start: Double, _ extent: Double, _ cells: Int) -> [Tap] {
      (0..<samples).map { index in
        // The centre of the block of pixels that share the sample.
        let centre = Double(index << log2) + Double(1 << log2) / 2
        return Tap((centre - start) / extent * Double(cells) - 0.5, cells, isNearest)
      }
    }
    columns = taps(
      (picture.width + (1 << log2Width) - 1) >> log2Width, log2Width, map.placement.left, map.placement.width, map.width
    )
    // One contour's width more than the picture has.
    rows = taps(
      ((picture.height + (1 << log2Height) - 1) >> log2Height) + picture.height / 100 + 2, log2Height,
      map.placement.top, map.placement.height, map.height)
    height = map.height
    rowsLarge = .allocate(capacity: max(1, columns.count * height))
    rowsLarge.initialize(repeating: 0, count: max(1, columns.count * height))
  }

  deinit { rowsLarge.deallocate() }

  /// The map's rows as wide as the picture, in levels 0…255.
  func enlarge(_ map: HeatMap) {
    columns.withUnsafeBufferPointer { taps in
      for y in 0..<height {
        let (source, line) = (map.values + y * map.width, rowsLarge + y * taps.count)
        for x in taps.indices {
          let tap = taps[x]
          line[x] = 255 * (source[tap.low] + (source[tap.high] - source[tap.low]) * tap.share)
        }
      }
    }
  }

  /// One row of samples.
  func levels(_ levels: UnsafeMutablePointer<UInt8>, _ y: Int, from x: Int, _ count: Int, _ isa: fovea_isa) {
    let tap = rows[min(max(y, 0), rows.count - 1)]
    fovea_image_heat_levels(
      levels, rowsLarge + tap.low * columns.count + x, rowsLarge + tap.high * columns.count + x, tap.share,
      Int32(count), isa)
  }
}
