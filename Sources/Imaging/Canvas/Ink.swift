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
