/// A map of importance over a network's input, scaled for the eye.
package struct HeatMap {
  package var height: Int, width: Int
  /// 0…1, [height, width] row-major; must stay valid while it is drawn.
  package var values: UnsafePointer<Float>
  /// Where the input lies on the picture.
  package var placement: InputPlacement
  /// The hottest place, as parts 0…1 of the input's width and height; nil for none.
  package var peak: (u: Double, v: Double)?

  package init(
    height: Int, width: Int, values: UnsafePointer<Float>, placement: InputPlacement,
    peak: (u: Double, v: Double)? = nil
  ) {
    (self.height, self.width, self.values) = (height, width, values)
    (self.placement, self.peak) = (placement, peak)
  }
}

/// How a heat map looks.
package struct HeatStyle: Hashable, Sendable {
  package var colormap = Colormap.turbo
  /// How much the hottest places cover the picture, 0…1.
  package var opacity: Float = 0.5
  /// Values below this share of the range leave the picture as it is.
  package var threshold: Float = 0
  /// A line along this level, 0…1; nil for none.
  package var contour: Float?
  /// Marks the hottest place.
  package var showsPeak = false
  /// Shows the map's cells as they are, instead of interpolating between them.
  package var isNearest = false
  /// Shows the picture under it; false: the map alone, as suits maps of single pixels.
  package var showsPicture = true

  package init() {}

  /// The opacity of each level: cold places let the picture through.
  var opacities: [UInt8] {
    (0..<256).map { level in
      let value = Float(level) / 255
      guard value >= threshold else { return showsPicture ? 0 : 255 }
      guard showsPicture else { return 255 }
      // By the square root weak heat shows too, and where there is no heat the picture is untouched.
      return UInt8((255 * min(max(opacity, 0), 1) * min(1, value * 1.6).squareRoot()).rounded())
    }
  }
}
