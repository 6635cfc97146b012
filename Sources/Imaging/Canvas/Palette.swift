/// Colours that stay readable on any footage, over a dark ground.
package enum Palette {
  package static let ground = Color(0x101418)
  package static let groundOpacity: UInt8 = 184
  package static let page = Color(0x11151A)
  package static let card = Color(0x1D232A)
  package static let text = Color(0xFFFFFF)
  package static let dim = Color(0xB4BEC8)
  package static let accent = Color(0xFFC14D)
  package static let bar = Color(0x7FB4D8)
  package static let track = Color(0xFFFFFF)
  package static let trackOpacity: UInt8 = 36
}

extension Canvas {
  /// The ground of a box: translucent over a picture, opaque beside it.
  package func drawGround(_ box: Rect, radius: Int, isFloating: Bool) {
    if isFloating {
      fillRounded(box, radius: radius, Palette.ground, opacity: Palette.groundOpacity)
    } else {
      fillRounded(box, radius: radius, Palette.card)
    }
  }
}
