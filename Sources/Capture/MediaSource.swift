import CFFmpeg
import Frames
import Media
import Telemetry

/// Frames out of anything that the FFmpeg libraries read.
final class MediaSource: FrameSource {
  let format: FrameFormat
  let info: SourceInfo
  private(set) var counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?

  private let address: SourceAddress
  private let options: SourceOptions
  private var reader: StreamReader
  private var fitter: PictureFitter
  private var relay: CompanionRelay
  private var timeLine: TimeLine
  private var pacer: Pacer
  private let picture: AVFrameBox
  // When the first picture is shown. It was decoded to learn the format, and `read` has not delivered it yet; nil afterwards.
  private var pending: Int64?
  private var sequence: UInt64 = 0
  private var ended = false
  private var warned = false
  private var framesInPass = 0
  /// Companion streams that are wanted; nil: all.
  private var selected: Set<Int>?
  private var report: TimeReport

  init(_ address: SourceAddress, name: String, options: SourceOptions) throws {
    (self.address, self.options) = (address, options)
    let opened = try StreamOpening(address, name: name, options: options)
    (reader, fitter, relay, timeLine) = (opened.reader, opened.fitter, opened.relay, opened.timeLine)
    (format, picture, pending) = (opened.format, opened.picture, opened.firstTime)
    counters = opened.counters
    pacer = Pacer(clock: options.clock, interruption: options.interruption)
    report = TimeReport(name)
    info = try SourceDescription.describe(opened, name: name, isLive: address.isLive, options: options)
    if counters.damagedPackets > 0 { warnOfDamage() }
    if let missing = reader.demuxer.missingPictures {
      Log.warning(
        "\(name): there is no file with the number \(missing); the pictures that are there follow one another")
    }
  }

  func interrupt() { options.interruption.request() }

  func select(companions: Set<Int>) {
    selected = companions
    reader.read(companions: companions)
  }

  func read(into frame: Frame) throws -> Bool {
    let isRead = try readNext(into: frame)
    report.noteJumps(reader.demuxer.jumps)
    if !isRead { report.conclude() }
    return isRead
  }

  private func readNext(into frame: Frame) throws -> Bool {
    if let onCompanion { try relay.flush(timeLine, to: onCompanion) } else { relay.discard() }
    if let time = pending {
      pending = nil
      try deliver(at: time, into: frame)
      return !options.interruption.isRequested
    }
    while !ended, !options.interruption.isRequested {
      let outcome = try reader.next(into: picture.pointer) { try self.passOn($0) }
      switch outcome {
      case .picture:
        try fitter.turn(picture.pointer)
        if let time = try placed() {
          try deliver(at: time, into: frame)
          return !options.interruption.isRequested
        }
      case .damaged: warnOfDamage()
      case .interrupted: return false
      case .end: try finishPass()
      }
      counters.damagedPackets += reader.takeDamage()
    }
    return false
  }

  /// The time stamp of the decoded picture; nil when it lies outside what is wanted. After the end this ends the source.
  private func placed() throws -> Int64? {
    switch timeLine.place(picture.pointer.pointee) {
    case .deliver(let time): return time
    case .skip: break
    case .end:
      ended = true
      if onCompanion != nil, let end = timeLine.endTime {
        try reader.readCompanions(until: end, isLive: info.isLive) { try self.passOn($0) }
      }
    }
    return nil
  }

  private func deliver(at time: Int64, into frame: Frame) throws {
    let raw = picture.pointer.pointee
    frame.isDamaged = raw.isDamaged
    if frame.isDamaged { warnOfDamage() }
    frame.duration = max(raw.standingTime, 0)
    try fitter.deliver(picture.pointer, as: format, into: frame)
    (frame.pts, frame.loopShift) = (time, timeLine.loopShift)
    if options.realtime, !info.isLive { pacer.wait(for: Double(time) * format.timeBase.value) }
    frame.sequence = sequence
    frame.captureTime = options.clock.now()
    (sequence, framesInPass) = (sequence + 1, framesInPass + 1)
    counters.damagedPackets += reader.takeDamage()
  }

  private func passOn(_ packet: UnsafeMutablePointer<AVPacket>) throws {
    guard let onCompanion else { return }
    // In a repetition, times are known only once its first picture is there.
    if timeLine.offset == nil { return try relay.keep(packet) }
    try relay.flush(timeLine, to: onCompanion)
    try relay.pass(packet, timeLine, to: onCompanion)
  }

  private func finishPass() throws {
    guard options.loop, framesInPass > 0, address.isRepeatable else {
      ended = true
      return report.checkEnd(reader, reached: timeLine.reached)
    }
    framesInPass = 0
    timeLine.beginPass()
    let again = try StreamOpening.reopen(address, name: reader.name, options: options)
    (reader, fitter) = (again.reader, again.fitter)
    if let selected { reader.read(companions: selected) }
  }

  private func warnOfDamage() {
    guard !warned else { return }
    warned = true
    Log.warning("\(reader.name): some of the video data is damaged; decoding goes on")
  }
}

extension TimeLine {
  /// Places a picture by its own time, or where that goes back by what FFmpeg derives.
  mutating func place(_ picture: AVFrame) -> Decision {
    place(picture.presentationTime, derived: picture.derivedTime, duration: picture.standingTime)
  }
}

extension AVFrame {
  /// When the picture is to be shown, in the stream's time base: as the stream says, or else as FFmpeg derives it.
  var presentationTime: Int64? { pts == fovea_nopts ? derivedTime : pts }

  /// The same as FFmpeg derives it, also from decoding times.
  var derivedTime: Int64? { best_effort_timestamp == fovea_nopts ? nil : best_effort_timestamp }

  /// How long the picture stands, in the stream's time base; 0 when the stream does not say.
  var standingTime: Int64 { withUnsafePointer(to: self) { fovea_frame_duration($0) } }

  /// The decoder could not read all of it.
  var isDamaged: Bool { decode_error_flags != 0 || flags & AV_FRAME_FLAG_CORRUPT != 0 }
}
