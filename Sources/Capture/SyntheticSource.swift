import Frames
import Telemetry

/// A generated picture, for trials and tests: a moving colour gradient with the frame's number on it, yuv420p BT.709.
///
/// `size=640x360,rate=30,frames=90`; rate may be a fraction as in 30000/1001, and without `frames` it never ends.
final class SyntheticSource: FrameSource {
  let format: FrameFormat
  let info: SourceInfo
  let counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?

  private let options: SourceOptions
  private let first: Int64, end: Int64
  private var next: Int64
  private var pacer: Pacer
  private let painter: TestPattern

  init(_ specification: String, name: String, options: SourceOptions) throws {
    let wish = try SyntheticSpecification(specification, name: name)
    self.options = options
    let rate = wish.rate.value
    format = FrameFormat(
      pixelFormat: .yuv420p, width: wish.width, height: wish.height,
      color: ColorDescription(range: .limited, matrix: 1, primaries: 1, transfer: 1, chromaLocation: 1),
      timeBase: Rational(wish.rate.denominator, wish.rate.numerator), frameRate: wish.rate)
    let first = Int64(min(((options.start ?? 0) * rate).rounded(.up), 1e15))
    let limit = options.duration.map { first + Int64(min(($0 * rate).rounded(.up), 1e15)) } ?? .max
    self.first = first
    let last = options.loop ? .max : wish.frames.map(Int64.init) ?? .max
    end = min(limit, last)
    next = first
    pacer = Pacer(clock: options.clock, interruption: options.interruption)
    painter = TestPattern(width: wish.width, height: wish.height)
    let count = end == .max ? nil : Int(max(0, end - first))
    guard count != 0 else { throw UserError("cannot start \(name) at \(options.start ?? 0) s: it ends before that") }
    info = SourceInfo(name: name, duration: count.map { Double($0) / rate }, frameCount: count)
  }

  func interrupt() { options.interruption.request() }

  func read(into frame: Frame) throws -> Bool {
    guard next < end, !options.interruption.isRequested else { return false }
    if frame.format != format || !(frame.backing is PictureBuffer) {
      frame.format = format
      let buffer = PictureBuffer(format)
      (frame.backing, frame.planes) = (buffer, buffer.planes)
    }
    painter.paint(number: Int(next), into: frame.planes)
    (frame.pts, frame.duration, frame.isDamaged) = (next - first, 1, false)
    if options.realtime { pacer.wait(for: Double(next - first) * format.timeBase.value) }
    frame.sequence = UInt64(next - first)
    frame.captureTime = options.clock.now()
    next += 1
    return !options.interruption.isRequested
  }
}

/// What a user asks of a synthetic source.
struct SyntheticSpecification {
  var width = 640
  var height = 360
  var rate = Rational(30, 1)
  var frames: Int?

  init(_ text: String, name: String) throws {
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, try set(parts[0], parts[1]) else {
        throw UserError(
          "cannot open \(name): \"\(entry)\" is not understood; an example is "
            + "synthetic:size=640x360,rate=30,frames=90", .usage)
      }
    }
  }

  private mutating func set(_ key: String, _ value: String) throws -> Bool {
    switch key {
    case "size":
      let sides = value.split(separator: "x").compactMap { Int($0) }
      guard sides.count == 2, sides.allSatisfy({ (1...Demuxer.sideLimit).contains($0) }) else { return false }
      (width, height) = (sides[0], sides[1])
    case "rate":
      let numbers = value.split(separator: "/").compactMap { Int($0) }
      guard (1...2).contains(numbers.count), numbers.allSatisfy({ (1...1_000_000).contains($0) }) else { return false }
      rate = Rational(numbers[0], numbers.count == 2 ? numbers[1] : 1)
    case "frames":
      guard let count = Int(value), count > 0 else { return false }
      frames = count
    default: return false
    }
    return true
  }
}
