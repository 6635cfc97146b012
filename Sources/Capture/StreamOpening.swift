import CFFmpeg
import Frames
import Media
import Telemetry

/// An open stream with its first picture decoded: only then is the format known for certain.
struct StreamOpening {
  let reader: StreamReader
  let fitter: PictureFitter
  let relay: CompanionRelay
  let format: FrameFormat
  /// Holds the first picture, upright.
  let picture: AVFrameBox
  /// When it is delivered, in the stream's time base.
  let firstTime: Int64
  let timeLine: TimeLine
  let counters: SourceCounters

  init(_ address: SourceAddress, name: String, options: SourceOptions) throws {
    picture = try AVFrameBox()
    var attempts = Self.seekMargins.filter { $0 < options.start ?? 0 }
    while true {
      // Seeks a little before the start; where the first picture found there is too late, seeks further ahead.
      let margin = attempts.isEmpty || !address.isRepeatable ? nil : attempts.removeFirst()
      var attempt = try Attempt(address, name: name, options: options, margin: margin)
      guard try attempt.findFirst(into: picture) || margin == nil else { continue }
      guard let found = attempt.found else { throw attempt.nothing(options) }
      if margin != nil, attempt.mayHaveMissed { continue }
      (reader, fitter, relay, timeLine) = (attempt.reader, attempt.fitter, attempt.relay, attempt.timeLine)
      (firstTime, counters) = (found, attempt.counters)
      break
    }
    format = try fitter.format(
      of: picture.pointer.pointee, timeBase: Rational(reader.stream.pointee.time_base),
      frameRate: reader.frameRate)
  }

  /// Seconds before the start from which decoding is tried.
  private static let seekMargins = [0.5, 10]

  /// The same stream once more, for the next pass of a loop.
  static func reopen(
    _ address: SourceAddress, name: String, options: SourceOptions
  ) throws -> (reader: StreamReader, fitter: PictureFitter) {
    let attempt = try Attempt(address, name: name, options: options, margin: nil)
    return (attempt.reader, attempt.fitter)
  }
}

/// One try at finding the first picture to deliver.
private struct Attempt {
  let reader: StreamReader
  let fitter: PictureFitter
  let relay: CompanionRelay
  var timeLine: TimeLine
  var counters = SourceCounters()
  var found: Int64?
  /// The first picture decoded was already past the start: there may be others before it.
  var mayHaveMissed = false
  private let start: Int64?
  private var decoded = 0

  init(_ address: SourceAddress, name: String, options: SourceOptions, margin: Double?) throws {
    let reader = try StreamReader(address, name: name, options: options)
    self.reader = reader
    fitter = PictureFitter(reader.stream, in: reader.demuxer)
    relay = try CompanionRelay(reader.demuxer, video: reader.stream)
    start = options.start.map { reader.time(ofSeconds: $0) }
    let duration = options.duration.map { reader.units($0) }
    timeLine = TimeLine(start: start, duration: duration, nominalDuration: reader.nominalDuration)
    if let margin, let start, !reader.seek(to: start.subtractingClamped(reader.units(margin))) { mayHaveMissed = true }
  }

  /// Decodes up to the first picture at or after the start; false when there is none.
  mutating func findFirst(into picture: AVFrameBox) throws -> Bool {
    guard !mayHaveMissed else { return false }
    while true {
      switch try reader.next(into: picture.pointer, companion: relay.keep) {
      case .interrupted: throw UserError("cannot open \(reader.name): interrupted")
      case .damaged: continue
      case .end: return false
      case .picture: break
      }
      counters.damagedPackets += reader.takeDamage()
      try fitter.turn(picture.pointer)
      decoded += 1
      let raw = picture.pointer.pointee
      if decoded == 1, let start, (raw.presentationTime ?? .max) > start { mayHaveMissed = true }
      let decision = timeLine.place(raw)
      if case .deliver(let time) = decision {
        found = time
        return true
      }
    }
  }

  /// The sentence for a video without a picture.
  func nothing(_ options: SourceOptions) -> UserError {
    if decoded > 0, let start = options.start {
      return UserError(
        "cannot start \(reader.name) at \(start) s: its last picture comes before that; give an earlier --start")
    }
    if reader.isAnimatedWebP {
      return UserError(
        "cannot use \(reader.name): it is an animated WebP, which this build of FFmpeg does not read; convert it to a GIF or "
          + "to numbered pictures first, as with ImageMagick: magick \(reader.name) frame-%05d.png")
    }
    let parameters = reader.stream.pointee.codecpar.pointee
    let codec = String(cString: avcodec_get_name(parameters.codec_id))
    let claim = reader.claimedDuration.map { " and \(($0 * 10).rounded() / 10) s" } ?? ""
    return UserError(
      "cannot use \(reader.name): its header claims \(codec) video of \(parameters.width)x\(parameters.height)"
        + "\(claim), but no picture can be decoded; the file is incomplete or damaged, get another copy")
  }
}
