extension TileGrid {
  /// The same for pictures whose pixels are `pixelAspect` times as wide as high: cells look square where the picture is shown.
  package init?(
    _ wanted: Int, mapWidth: Int, mapHeight: Int, within area: Rect, gap: Int, unit: Int, comfortable: Int,
    pixelAspect: Double
  ) {
    var shown = area
    shown.width = Int(Double(area.width) * pixelAspect)
    let wide = Int((Double(gap) * pixelAspect).rounded(.up))
    guard
      let grid = TileGrid(
        wanted, mapWidth: mapWidth, mapHeight: mapHeight, within: shown, gap: pixelAspect == 1 ? gap : max(gap, wide),
        unit: unit, comfortable: comfortable)
    else { return nil }
    let tile = pixelAspect == 1 ? grid.tileWidth : Int(Double(grid.tileWidth) / pixelAspect) / unit * unit
    guard tile > 0 else { return nil }
    self.init(
      count: grid.count, columns: grid.columns, rows: grid.rows, tileWidth: tile, tileHeight: grid.tileHeight, gap: gap)
  }

  /// A grid for at most `wanted` maps in a rectangle, with the largest tiles for which everything fits; fewer maps when tiles would get
  /// shorter than `comfortable` pixels (or one pixel for each cell, when that is less). Tiles are a whole multiple of the map where
  /// they are larger than it, and positions are multiples of `unit`. Nil when not even one fits.
  package init?(
    _ wanted: Int, mapWidth: Int, mapHeight: Int, within area: Rect, gap: Int, unit: Int, comfortable: Int
  ) {
    guard wanted > 0, area.width >= 2 * unit, area.height >= 2 * unit else { return nil }
    var best: (columns: Int, rows: Int, scale: Double)?
    // A fully connected layer's cells may be small: there is nothing inside of them.
    let smallest = mapWidth * mapHeight == 1 ? max(2 * unit, comfortable / 8) : max(2 * unit, comfortable)
    var count = min(wanted, (area.width + gap) * (area.height + gap) / ((unit + gap) * (unit + gap)))
    while count > 0 {
      best = Self.best(count, mapWidth, mapHeight, area, gap)
      if let best, Int(Double(max(mapWidth, mapHeight)) * best.scale) >= smallest { break }
      count = count > 64 ? count * 7 / 8 : count - 1
    }
    guard count > 0, let best else { return nil }
    func side(_ cells: Int) -> Int {
      let exact = Double(cells) * best.scale
      let multiple = best.scale >= 1 ? cells * Int(best.scale) : Int(exact)
      // A whole multiple, unless that wastes much of the room; always on the chroma grid.
      let pixels = Double(multiple) >= exact * 0.8 ? multiple : Int(exact)
      return max(unit, pixels / unit * unit)
    }
    let (tileWidth, tileHeight) = (side(mapWidth), side(mapHeight))
    let columns = max(1, min((area.width + gap) / (tileWidth + gap), max(best.columns, 1)))
    var rows = max(1, min((area.height + gap) / (tileHeight + gap), (count + columns - 1) / columns))
    // A last row that is not full looks broken when more maps exist: leave it out, or fill it.
    count = min(count, columns * rows)
    if count < wanted, count % columns != 0 {
      let full = columns * rows
      count = full <= wanted ? full : max(columns, count / columns * columns)
      rows = (count + columns - 1) / columns
    }
    self.init(count: count, columns: columns, rows: rows, tileWidth: tileWidth, tileHeight: tileHeight, gap: gap)
  }

  /// The arrangement of `count` tiles with the largest scale from map cells to pixels.
  private static func best(
    _ count: Int, _ mapWidth: Int, _ mapHeight: Int, _ area: Rect, _ gap: Int
  ) -> (columns: Int, rows: Int, scale: Double)? {
    var best: (columns: Int, rows: Int, scale: Double)?
    for columns in 1...count {
      let rows = (count + columns - 1) / columns
      let x = Double(area.width - (columns - 1) * gap) / Double(columns * mapWidth)
      let y = Double(area.height - (rows - 1) * gap) / Double(rows * mapHeight)
      let scale = min(x, y)
      if x <= 0 { break }
      if scale > best?.scale ?? 0 { best = (columns, rows, scale) }
    }
    return best
  }
}
