/// A rectangle of a map, in positions.
package struct MapRegion: Hashable, Sendable {
  /// From the first row to the one behind the last.
  package var rows: Range<Int>
  /// From the first column to the one behind the last.
  package var columns: Range<Int>

  package init(rows: Range<Int>, columns: Range<Int>) { (self.rows, self.columns) = (rows, columns) }

  /// The smallest rectangle that holds both.
  func union(_ other: MapRegion) -> MapRegion {
    MapRegion(rows: rows.hull(other.rows), columns: columns.hull(other.columns))
  }

  /// What a sliding window makes of it: the positions of the output that see a changed one of the input.
  func seen(through window: Window, input: Spatial, output: Spatial) -> MapRegion {
    let pads = window.resolvedPads(input: input)
    return MapRegion(
      rows: rows.seen(span: window.span.height, stride: window.strides.height, pad: pads.top, count: output.height),
      columns: columns.seen(
        span: window.span.width, stride: window.strides.width, pad: pads.left, count: output.width))
  }
}

extension Range<Int> {
  /// Output `o` sees inputs `o * stride - pad ..< o * stride - pad + span`, so the first one that sees position `a` is
  /// `ceil((a + pad - span + 1) / stride)`, and the last one that sees `b` is `floor((b + pad) / stride)`.
  fileprivate func seen(span: Int, stride: Int, pad: Int, count: Int) -> Range<Int> {
    let low = Swift.max(0, lowerBound + pad - span + stride) / stride
    let high = Swift.min(count, (upperBound - 1 + pad) / stride + 1)
    return Swift.min(low, count)..<Swift.max(Swift.min(low, count), high)
  }

  fileprivate func hull(_ other: Range<Int>) -> Range<Int> {
    if isEmpty { return other }
    return other.isEmpty
      ? self : Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}

/// Windows onto one map: of one extent, with an origin for each region that was asked for. What changes in the region lies inside.
struct MapWindows: Hashable, Sendable {
  /// Rows and columns of each.
  let extent: Spatial
  /// The first row and column of each; outside the map where they reach into its padding.
  let origins: [Spatial]

  init(extent: Spatial, origins: [Spatial]) { (self.extent, self.origins) = (extent, origins) }

  /// The smallest ones of one extent that hold these regions and lie in the map.
  init(holding regions: [MapRegion], in map: Spatial) {
    let height = regions.map(\.rows.count).max() ?? 0
    let width = regions.map(\.columns.count).max() ?? 0
    let extent = Spatial(min(map.height, max(1, height)), min(map.width, max(1, width)))
    self.extent = extent
    origins = regions.map { region in
      Spatial(
        min(region.rows.lowerBound, map.height - extent.height),
        min(region.columns.lowerBound, map.width - extent.width)
      )
    }
  }

  /// One window onto the whole map, for every region.
  init(whole map: Spatial, regions: Int) {
    self.init(extent: map, origins: Array(repeating: Spatial(0, 0), count: regions))
  }

  /// What a sliding window reads to compute these; outside the map where it reaches into the padding.
  func read(by window: Window, input: Spatial) -> MapWindows {
    let pads = window.resolvedPads(input: input)
    return MapWindows(
      extent: Spatial(
        (extent.height - 1) * window.strides.height + window.span.height,
        (extent.width - 1) * window.strides.width + window.span.width),
      origins: origins.map {
        Spatial($0.height * window.strides.height - pads.top, $0.width * window.strides.width - pads.left)
      })
  }
}
