/// How a wide picture meets the network's rectangle.
package enum Fit: String, Sendable, CaseIterable {
  /// Scale the shorter side, then cut the centre.
  case crop
  /// Scale both sides, changing the aspect ratio.
  case squash
  /// Scale the longer side, then fill the rest with the mean colour.
  case pad
}

/// The colour planes that a network expects, in order.
package enum ColorOrder: String, Sendable, CaseIterable {
  case rgb, bgr, gray
}

/// The filter by which pictures are resized, antialiased, as Pillow does.
package enum Interpolation: String, Sendable, CaseIterable {
  case bilinear, bicubic, lanczos
}

/// How a picture becomes a network's input tensor [1, C, H, W]:
/// resized by antialiased interpolation (as Pillow does), then `(value * scale - mean[c]) / std[c]` for values 0…255.
package struct InputTransform: Hashable, Sendable {
  package var height: Int, width: Int
  /// How the picture meets that rectangle.
  package var fit: Fit
  /// For `.crop`: the shorter side in pixels before the cut, at least the larger of height and width; nil: no margin.
  package var resizeTo: Int?
  /// The planes and their order.
  package var color: ColorOrder
  /// Factor on the 0…255 values, before the mean.
  package var scale: Float
  /// Subtracted after scaling, one for each plane.
  package var mean: [Float]
  /// Divides last, one for each plane.
  package var std: [Float]
  /// The filter that resizes.
  package var interpolation: Interpolation

  package init(
    height: Int, width: Int, fit: Fit, resizeTo: Int?, color: ColorOrder, scale: Float, mean: [Float], std: [Float],
    interpolation: Interpolation = .bilinear
  ) {
    self.interpolation = interpolation
    (self.height, self.width, self.fit, self.resizeTo) = (height, width, fit, resizeTo)
    (self.color, self.scale, self.mean, self.std) = (color, scale, mean, std)
  }
}
