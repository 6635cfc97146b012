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
