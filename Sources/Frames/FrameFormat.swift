/// A fraction, as time bases, frame rates and aspect ratios are given.
package struct Rational: Hashable, Sendable, CustomStringConvertible {
  package var numerator: Int
  /// Below the line; 0 means unknown.
  package var denominator: Int

  package init(_ numerator: Int, _ denominator: Int) {
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  /// The value as a floating-point number; 0 when unknown.
  package var value: Double { denominator == 0 ? 0 : Double(numerator) / Double(denominator) }

  package var description: String { "\(numerator)/\(denominator)" }
}

/// What the sample values mean, by the code points of ITU-T H.273; 2 is "unspecified".
package struct ColorDescription: Hashable, Sendable {
  /// Which part of the number range pictures use.
  package enum Range: Sendable {
    case unspecified
    /// 16…235 for luma at 8 bits ("video", "tv").
    case limited
    /// 0…255 at 8 bits ("jpeg", "pc").
    case full
  }

  package var range: Range
  /// MatrixCoefficients: 1 BT.709, 5 and 6 BT.601, 9 BT.2020, 0 RGB.
  package var matrix: Int
  package var primaries: Int
  package var transfer: Int
  /// Where chroma samples lie: FFmpeg's `AVChromaLocation` number; 0 is "unspecified".
  package var chromaLocation: Int

  package init(
    range: Range = .unspecified, matrix: Int = 2, primaries: Int = 2, transfer: Int = 2, chromaLocation: Int = 0
  ) {
    (self.range, self.matrix, self.primaries, self.transfer) = (range, matrix, primaries, transfer)
    self.chromaLocation = chromaLocation
  }
}

/// Whether rows were taken at one moment or at two.
package enum FieldOrder: Sendable {
  case progressive, topFirst, bottomFirst
}

/// What is the same for every frame of a stream.
package struct FrameFormat: Hashable, Sendable {
  package var pixelFormat: PixelFormat
  package var width: Int, height: Int
  /// Width of a pixel over its height; 0/1 when unknown (taken as square).
  package var sampleAspectRatio: Rational
  package var color: ColorDescription
  package var fieldOrder: FieldOrder
  /// Seconds per unit of `Frame.pts`.
  package var timeBase: Rational
  /// Nominal frames per second; 0/1 when unknown or variable.
  package var frameRate: Rational

  package init(
    pixelFormat: PixelFormat, width: Int, height: Int, sampleAspectRatio: Rational = Rational(1, 1),
    color: ColorDescription = ColorDescription(), fieldOrder: FieldOrder = .progressive,
    timeBase: Rational = Rational(1, 1000), frameRate: Rational = Rational(0, 1)
  ) {
    (self.pixelFormat, self.width, self.height) = (pixelFormat, width, height)
    (self.sampleAspectRatio, self.color, self.fieldOrder) = (sampleAspectRatio, color, fieldOrder)
    (self.timeBase, self.frameRate) = (timeBase, frameRate)
  }

  /// Width of a pixel over its height, as a number: 1 where it is unknown, or too far from 1 to be true.
  package var pixelAspect: Double {
    let aspect = sampleAspectRatio.value
    return (0.25...4).contains(aspect) ? aspect : 1
  }
}

extension Int64 {
  /// The sum, or the nearest number there is: time stamps of damaged files can be anything.
  package func addingClamped(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the nearest number there is.
  package func subtractingClamped(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }

  /// The nearest integer to any floating-point number; 0 for what is not a number.
  package init(clampedRounding value: Double) {
    self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value.rounded())
  }
}
