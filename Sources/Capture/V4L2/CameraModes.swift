import CLinux
import Media
import Frames

/// What a camera offers: its formats with their sizes and rates.
package struct CameraMode: Sendable, Hashable {
  /// One size and its rates.
  package struct Size: Sendable, Hashable {
    package var width: Int, height: Int
    /// Frames per second, the fastest first; empty when the driver does not say.
    package var rates: [Rational]
  }

  /// A range of sizes, for drivers that scale.
  package struct Range: Sendable, Hashable {
    /// Smallest, largest and step of the columns.
    package var width: (minimum: Int, maximum: Int, step: Int) { (values[0], values[1], values[2]) }
    /// Smallest, largest and step of the rows.
    package var height: (minimum: Int, maximum: Int, step: Int) { (values[3], values[4], values[5]) }
    let values: [Int]
    /// Frames per second at the largest size, the fastest first.
    package var rates: [Rational]
  }

  /// The kernel's number of the format.
  package var code: UInt32
  /// The kernel's four letters.
  package var fourcc: String { CameraPixelFormat.letters(code) }
  package var description: String
  /// What `--camera-format` calls it; nil when this program cannot read it.
  package var name: String?
  package var sizes: [Size]
  /// Its range of sizes, where the driver gives one instead.
  package var range: Range?
}

extension CameraDevice {
  /// No driver has more entries than this in one of its lists; one that does is broken.
  private static let listLimit: UInt32 = 256

  /// Everything that the device offers on one of its queues.
  func modes(_ type: UInt32) -> [CameraMode] {
    var result: [CameraMode] = []
    for index in 0..<Self.listLimit {
      var raw = v4l2_fmtdesc()
      (raw.index, raw.type) = (index, type)
      guard accepts(fovea_vidioc_enum_fmt, &raw) else { break }
      let (sizes, range) = sizes(raw.pixelformat)
      result.append(
        CameraMode(
          code: raw.pixelformat, description: text(of: raw.description),
          name: CameraPixelFormat.known(raw.pixelformat)?.name, sizes: sizes, range: range))
    }
    return result
  }

  private func sizes(_ code: UInt32) -> ([CameraMode.Size], CameraMode.Range?) {
    var sizes: [CameraMode.Size] = []
    for index in 0..<Self.listLimit {
      var raw = v4l2_frmsizeenum()
      (raw.index, raw.pixel_format) = (index, code)
      guard accepts(fovea_vidioc_enum_framesizes, &raw) else { break }
      if raw.type != V4L2_FRMSIZE_TYPE_DISCRETE.rawValue {
        let r = raw.stepwise
        let values = [r.min_width, r.max_width, r.step_width, r.min_height, r.max_height, r.step_height].map { Int($0) }
        return ([], CameraMode.Range(values: values, rates: rates(code, r.max_width, r.max_height)))
      }
      let (width, height) = (raw.discrete.width, raw.discrete.height)
      sizes.append(.init(width: Int(width), height: Int(height), rates: rates(code, width, height)))
    }
    return (sizes, nil)
  }

  private func rates(_ code: UInt32, _ width: UInt32, _ height: UInt32) -> [Rational] {
    var rates: [Rational] = []
    for index in 0..<Self.listLimit {
      var raw = v4l2_frmivalenum()
      (raw.index, raw.pixel_format, raw.width, raw.height) = (index, code, width, height)
      guard accepts(fovea_vidioc_enum_frameintervals, &raw) else { break }
      guard raw.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
        return [raw.stepwise.min, raw.stepwise.max].compactMap(Self.rate)
      }
      if let rate = Self.rate(raw.discrete) { rates.append(rate) }
    }
    return rates.sorted { $0.value > $1.value }
  }

  /// Frames per second of an interval; nil when it is none.
  static func rate(_ interval: v4l2_fract) -> Rational? {
    guard interval.numerator > 0, interval.denominator > 0 else { return nil }
    return Rational(Int(interval.denominator), Int(interval.numerator)).reduced
  }
}

extension Rational {
  /// The same value with the smallest numbers.
  var reduced: Rational {
    var (a, b) = (abs(numerator), abs(denominator))
    while b != 0 { (a, b) = (b, a % b) }
    return a > 1 ? Rational(numerator / a, denominator / a) : self
  }
}
