/// How a stored picture must be turned to be upright: one of the eight symmetries of the rectangle.
package struct Orientation: Hashable, Sendable {
  /// Rows become columns, before anything else.
  package var transposes: Bool
  /// Then left and right change places.
  package var mirrorsColumns: Bool
  /// Then top and bottom change places.
  package var mirrorsRows: Bool

  package static let upright = Orientation(transposes: false, mirrorsColumns: false, mirrorsRows: false)

  package init(transposes: Bool, mirrorsColumns: Bool, mirrorsRows: Bool) {
    (self.transposes, self.mirrorsColumns, self.mirrorsRows) = (transposes, mirrorsColumns, mirrorsRows)
  }

  /// From a display matrix (ISO/IEC 14496-12, 8.2.2): a stored point (p, q) is shown at (a·p + c·q, b·p + d·q), where
  /// entries 0, 1, 3, 4 are a, b, c, d. Angles between right ones go to the nearest.
  package init(displayMatrix m: UnsafePointer<Int32>) {
    let (a, b, c, d) = (Int(m[0]), Int(m[1]), Int(m[3]), Int(m[4]))
    if abs(b) + abs(c) > abs(a) + abs(d) {
      self.init(transposes: true, mirrorsColumns: c < 0, mirrorsRows: b < 0)
    } else {
      self.init(transposes: false, mirrorsColumns: a < 0, mirrorsRows: d < 0)
    }
  }

  /// The filters of libavfilter that do it, or nil when there is nothing to do.
  package var filters: String? {
    switch (transposes, mirrorsColumns, mirrorsRows) {
    case (false, false, false): nil
    case (false, true, false): "hflip"
    case (false, false, true): "vflip"
    case (false, true, true): "hflip,vflip"
    case (true, false, false): "transpose=cclock_flip"
    case (true, true, false): "transpose=clock"
    case (true, false, true): "transpose=cclock"
    case (true, true, true): "transpose=clock_flip"
    }
  }

  /// Where chroma samples lie after turning a picture in which they lay at `location` (both are FFmpeg's
  /// `AVChromaLocation`); 0 where FFmpeg has no number for the new place.
  package func turned(chromaLocation: Int) -> Int {
    guard self != .upright, let site = Self.sites[chromaLocation] else { return chromaLocation }
    var (x, y) = site
    if transposes { (x, y) = (y, x) }
    if mirrorsColumns { x = 2 - x }
    if mirrorsRows { y = 2 - y }
    return Self.sites.first { $0.value == (x, y) }?.key ?? 0
  }

  // In half luma samples from the top left one: left, centre, top left, top, bottom left, bottom.
  private static let sites: [Int: (Int, Int)] = [1: (0, 1), 2: (1, 1), 3: (0, 0), 4: (1, 0), 5: (0, 2), 6: (1, 2)]
}
