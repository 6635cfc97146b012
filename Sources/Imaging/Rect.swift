/// A rectangle of whole pixels, the origin at the upper left.
package struct Rect: Hashable, Sendable, CustomStringConvertible {
  package var x: Int, y: Int, width: Int, height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// The column right of the last one.
  package var maxX: Int { x + width }
  /// The row below the last one.
  package var maxY: Int { y + height }
  package var isEmpty: Bool { width <= 0 || height <= 0 }

  /// What both cover; empty when they don't meet.
  package func intersection(_ other: Rect) -> Rect {
    let (left, top) = (max(x, other.x), max(y, other.y))
    let (right, bottom) = (min(maxX, other.maxX), min(maxY, other.maxY))
    return Rect(x: left, y: top, width: max(0, right - left), height: max(0, bottom - top))
  }

  /// Smaller by so many pixels on each side.
  package func inset(_ amount: Int) -> Rect { inset(amount, amount) }

  /// Smaller by so many columns at the left and right and rows above and below.
  package func inset(_ dx: Int, _ dy: Int) -> Rect {
    Rect(x: x + dx, y: y + dy, width: max(0, width - 2 * dx), height: max(0, height - 2 * dy))
  }

  /// As in `640x480+10+20`.
  package var description: String { "\(width)x\(height)+\(x)+\(y)" }
}

extension Rect {
  /// The same on a picture of another size, rounded to whole pixels.
  package func scaled(_ scaleX: Double, _ scaleY: Double) -> Rect {
    func round(_ value: Int, _ factor: Double) -> Int { Int((Double(value) * factor).rounded()) }
    let (left, top) = (round(x, scaleX), round(y, scaleY))
    return Rect(x: left, y: top, width: round(maxX, scaleX) - left, height: round(maxY, scaleY) - top)
  }
}

/// Where a network's input lies on a picture: exactly, in picture pixels, the picture's edges at 0 and its size.
///
/// The input may be a part of the picture, or reach beyond it where the picture was padded.
package struct InputPlacement: Hashable, Sendable {
  package var left: Double, top: Double, width: Double, height: Double

  package init(left: Double, top: Double, width: Double, height: Double) {
    (self.left, self.top, self.width, self.height) = (left, top, width, height)
  }

  /// The same on a picture of another size.
  package func scaled(_ x: Double, _ y: Double) -> InputPlacement {
    InputPlacement(left: left * x, top: top * y, width: width * x, height: height * y)
  }

  /// The whole pixels whose centres lie inside, on a picture that begins at (x, y).
  package func pixels(from x: Int = 0, _ y: Int = 0) -> Rect {
    let (first, end) = (Int((left - 0.5).rounded(.up)), Int((left + width - 0.5).rounded(.up)))
    let (upper, lower) = (Int((top - 0.5).rounded(.up)), Int((top + height - 0.5).rounded(.up)))
    return Rect(x: x + first, y: y + upper, width: end - first, height: lower - upper)
  }

  /// The picture's pixel, as a position, that lies at (u, v) of the input, both 0…1.
  package func point(_ u: Double, _ v: Double) -> (x: Double, y: Double) { (left + u * width, top + v * height) }
}
