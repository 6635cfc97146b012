import Frames
import Imaging

/// Where the overlays go.
package enum PictureLayout: String, Sendable, CaseIterable {
  case overlay
  /// In a column at its right.
  case side
  /// In a band below it.
  case below
}

/// The rectangles of one layout, in pixels of the output; all on its chroma grid.
package struct OverlayAreas: Hashable, Sendable {
  package var picture: Rect
  /// The most that the top-k panel may take; it grows from the upper left.
  package var panel: Rect
  /// The room for all mosaics.
  package var mosaics: Rect
  /// The most that the status line may take; it grows from the lower left.
  package var status: Rect
  /// The size of text: the em in pixels.
  package var em: Double
  /// Width of a pixel over its height: as many times narrower are texts and tiles, so that they are not stretched where the
  /// picture is shown.
  package var aspect = 1.0
  /// Panels float over the picture; otherwise they stand on a dark ground.
  package var isFloating: Bool
}

extension PictureLayout {
  /// The output's size for a picture of this size.
  func outputSize(width: Int, height: Int, aspect: Double = 1) -> (width: Int, height: Int) {
    let em = Self.em(width, height, aspect)
    switch self {
    case .overlay: return (width, height)
    case .side: return (even(width) + even(max(width * 9 / 16, Int(em * 14 / aspect))), even(height))
    case .below:
      return (even(max(width, Int(em * 20 / aspect))), even(height) + even(max(height * 9 / 16, Int(em * 9))))
    }
  }

  private static func em(_ width: Int, _ height: Int, _ aspect: Double) -> Double {
    TextStyle.em(width: Int((Double(width) * aspect).rounded()), height: height)
  }

  private func even(_ n: Int) -> Int { (n + 3) & ~3 }

  /// The rectangles for a picture of this size and a panel of so many classes, before they are put on the chroma grid.
  func areas(width: Int, height: Int, topCount: Int, aspect: Double = 1) -> OverlayAreas {
    let em = Self.em(width, height, aspect)
    let margin = Int(em * 0.8)
    let size = outputSize(width: width, height: height, aspect: aspect)
    let picture = Rect(x: 0, y: 0, width: width, height: height)
    let line = Int(em * 2)
    func panelHeight(_ available: Int) -> Int {
      let metrics = TopClassesPanel.Metrics(em: em)
      return min(available, metrics.height(rows: metrics.rows(in: available, atMost: topCount)))
    }
    let status = Rect(
      x: margin, y: height - margin - line, width: max(0, width - 2 * margin), height: line)
    switch self {
    case .overlay:
      return floating(picture, status, em, aspect, panelHeight)
    case .side:
      let column = Rect(x: even(width), y: 0, width: size.width - even(width), height: size.height).inset(margin)
      return stacked(column, picture, status, em, aspect, panelHeight(column.height * 2 / 5))
    case .below:
      let band = Rect(x: 0, y: even(height), width: size.width, height: size.height - even(height)).inset(margin)
      let panelWidth = min(band.width * 2 / 5, max(Int(em * 15 / aspect), band.width / 4))
      let panel = Rect(x: band.x, y: band.y, width: panelWidth, height: band.height)
      let x = panel.maxX + margin
      let mosaics = Rect(x: x, y: band.y, width: band.maxX - x, height: band.height)
      return OverlayAreas(
        picture: picture, panel: panel, mosaics: mosaics, status: status, em: em, aspect: aspect, isFloating: false)
    }
  }

  /// Panel at the upper left, mosaics at the lower right; in a picture too narrow for both, one above the other.
  private func floating(
    _ picture: Rect, _ status: Rect, _ em: Double, _ aspect: Double, _ panelHeight: (Int) -> Int
  ) -> OverlayAreas {
    let margin = Int(em * 0.8)
    let inner = picture.inset(margin)
    let panelWidth = min(inner.width, max(Int(em * 15 / aspect), picture.width * 3 / 10))
    var panel = Rect(x: inner.x, y: inner.y, width: panelWidth, height: panelHeight(inner.height * 3 / 5))
    var mosaics = inner
    mosaics.width = inner.width * 2 / 5
    if panelWidth + margin + mosaics.width > inner.width {
      panel.height = panelHeight(inner.height / 2)
      mosaics.width = inner.width
      mosaics.height = min(
        inner.height - panel.height - margin, max(Int(Double(inner.width) * aspect) * 3 / 4, inner.height * 2 / 5))
    }
    (mosaics.x, mosaics.y) = (inner.maxX - mosaics.width, inner.maxY - mosaics.height)
    return OverlayAreas(
      picture: picture, panel: panel, mosaics: mosaics, status: status, em: em, aspect: aspect, isFloating: true)
  }

  private func stacked(
    _ column: Rect, _ picture: Rect, _ status: Rect, _ em: Double, _ aspect: Double, _ panelHeight: Int
  ) -> OverlayAreas {
    let panel = Rect(x: column.x, y: column.y, width: column.width, height: panelHeight)
    let y = panel.maxY + Int(em * 0.8)
    let mosaics = Rect(x: column.x, y: y, width: column.width, height: column.maxY - y)
    return OverlayAreas(
      picture: picture, panel: panel, mosaics: mosaics, status: status, em: em, aspect: aspect, isFloating: false)
  }
}
