import Frames

/// What a user asks of a camera. Where the driver cannot do it, the nearest mode is taken, and a message says so.
package struct CameraWishes: Sendable, Hashable {
  /// Columns and rows; nil for what is near `usualSize`.
  package var size: (width: Int, height: Int)? {
    get { width.flatMap { width in height.map { (width, $0) } } }
    set { (width, height) = (newValue?.width, newValue?.height) }
  }
  private var width: Int?, height: Int?
  /// A name of `CameraPixelFormat` ("mjpeg", "yuyv", "nv12") or the kernel's four letters; nil is "auto".
  package var format: String?
  package var rate: Rational?
  package var controls: [CameraSetting] = []
  /// Seconds without a picture after which the camera counts as lost.
  package var timeout: Double = 5
  /// Buffers asked of the driver: those that later stages hold, and some that it fills meanwhile.
  package var buffers = 8

  package static let usualSize = (width: 1280, height: 720)
  package static let usualRate = 30.0

  package init() {}
}

/// A format, size and rate that a camera is to be set to.
struct CameraChoice: Hashable {
  var code: UInt32
  var width: Int, height: Int
  var rate: Rational?

  /// The mode that comes nearest: first in size, then in rate, then by the order of `CameraPixelFormat.all`. Nil when
  /// nothing is offered that this program reads and `wishes` names.
  static func best(of modes: [CameraMode], for wishes: CameraWishes) -> CameraChoice? {
    let (width, height) = wishes.size ?? CameraWishes.usualSize
    let rate = wishes.rate?.value ?? CameraWishes.usualRate
    var best: (choice: CameraChoice, cost: [Double])?
    for mode in modes where mode.isCalled(wishes.format) {
      guard mode.name != nil else { continue }
      // What libv4l has to convert comes after all that this program reads itself.
      let preference =
        CameraPixelFormat.all.firstIndex { $0.code == mode.code } ?? CameraPixelFormat.all.count
      for size in mode.candidates(near: width, height) {
        let fastest = size.rates.first?.value ?? rate
        let cost = [
          Double(abs(size.width - width) + abs(size.height - height)),
          // Differences of less than half a frame per second do not count: 29.97 is as good as 30.
          max(0, rate - fastest - 0.5).rounded(.up), Double(preference),
        ]
        if best.map({ cost.lexicographicallyPrecedes($0.cost) }) ?? true {
          let choice = CameraChoice(
            code: mode.code, width: size.width, height: size.height,
            rate: nearest(to: rate, in: size.rates) ?? wishes.rate)
          best = (choice, cost)
        }
      }
    }
    return best?.choice
  }

  /// The slowest rate that is fast enough, else the fastest.
  private static func nearest(to rate: Double, in rates: [Rational]) -> Rational? {
    rates.filter { $0.value >= rate - 0.5 }.min { $0.value < $1.value } ?? rates.first
  }
}

extension CameraMode {
  /// True when `--camera-format` means this one.
  func isCalled(_ wish: String?) -> Bool {
    guard let wish, wish.lowercased() != "auto" else { return name != nil }
    return name == wish.lowercased() || fourcc == wish.uppercased()
  }

  /// Its sizes, or the one of its range that is nearest; where the driver says nothing, the one asked for.
  fileprivate func candidates(near width: Int, _ height: Int) -> [Size] {
    guard let range else {
      return sizes.isEmpty ? [Size(width: width, height: height, rates: [])] : sizes
    }
    func fit(_ value: Int, _ bounds: (minimum: Int, maximum: Int, step: Int)) -> Int {
      let step = max(bounds.step, 1)
      let clamped = min(max(value, bounds.minimum), max(bounds.minimum, bounds.maximum))
      return min(
        bounds.minimum + (clamped - bounds.minimum + step / 2) / step * step, max(bounds.minimum, bounds.maximum))
    }
    return [Size(width: fit(width, range.width), height: fit(height, range.height), rates: range.rates)]
  }
}
