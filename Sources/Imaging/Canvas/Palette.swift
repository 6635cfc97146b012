/// A colour as people write it: R'G'B' of sRGB, 0…255.
package struct Color: Hashable, Sendable {
  package var red: UInt8, green: UInt8, blue: UInt8

  /// `0xRRGGBB`.
  package init(_ hex: UInt32) {
    (red, green, blue) = (UInt8(hex >> 16 & 255), UInt8(hex >> 8 & 255), UInt8(hex & 255))
  }
}

/// A colour as sample values of one pixel format, one for each component.
struct Ink: Equatable {
  private var values: (UInt16, UInt16, UInt16, UInt16) = (0, 0, 0, 0)

  subscript(c: Int) -> UInt16 {
    get {
      switch c {
      case 0: values.0
      case 1: values.1
      case 2: values.2
      default: values.3
      }
    }
    set {
      switch c {
      case 0: values.0 = newValue
      case 1: values.1 = newValue
      case 2: values.2 = newValue
      default: values.3 = newValue
      }
    }
  }

  static func == (a: Ink, b: Ink) -> Bool { a.values == b.values }
}

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
