import Frames
import Media
import Telemetry

/// A live source that comes back: when it fails it is opened again and again, and goes on in the format of the pictures before.
package final class SteadySource: FrameSource {
  /// The format of every frame: that of the first pictures.
  package let format: FrameFormat
  /// What is known of it: that it is live.
  package let info: SourceInfo
  package var counters: SourceCounters {
    var sum = past
    if let source {
      sum.damagedPackets += source.counters.damagedPackets
      sum.driverDrops += source.counters.driverDrops
    }
    sum.reconnects = reconnects
    return sum
  }
  /// Sound and other streams come from the first opening only: those of a later one may be different streams.
  package var onCompanion: ((any CompanionPacket) throws -> Void)? {
    didSet { if reconnects == 0 { source?.onCompanion = onCompanion } }
  }

  private let name: String
  private let options: SourceOptions
  private let showsOutages: Bool
  private let open: (SourceOptions) throws -> any FrameSource
  private let fitter: FormatFitter
  private let spare: Frame
  private var source: (any FrameSource)?
  private var past = SourceCounters()
  private var reconnects = 0
  private var connection: Reconnection
  private var sequence: UInt64 = 0
  private var timeLine: SteadyTimeLine

  /// Seconds between two dark pictures.
  private static let pause = 0.5

  package convenience init(_ address: SourceAddress, options: SourceOptions, showsOutages: Bool) throws {
    try self.init(address.displayName, options: options, showsOutages: showsOutages) {
      try openSource(address, options: $0)
    }
  }

  /// Opens the source.
  /// - Parameters:
  ///   - name: for messages.
  ///   - showsOutages: while there is no source, dark pictures come that say why, whether it is not there yet, has failed or
  ///     has ended. Otherwise the first opening must succeed, nothing comes until a source that failed is back, and its end is
  ///     the end.
  ///   - needsFirst: the first opening must succeed all the same.
  ///   - open: opens the source with these options; called again after each failure.
  package init(
    _ name: String, options: SourceOptions, showsOutages: Bool = true, needsFirst: Bool = false,
    backoff: Backoff = Backoff(),
    open: @escaping (SourceOptions) throws -> any FrameSource
  ) throws {
    (self.name, self.options, self.showsOutages, self.open) = (name, options, showsOutages, open)
    connection = Reconnection(backoff)
    var inner = options
    // The duration includes outages, so this class measures it, not the source.
    inner.duration = nil
    var first: (any FrameSource)?
    do {
      first = try open(inner)
      connection.succeeded(at: options.clock.now())
    } catch {
      // A wrong address stays wrong, so there is nothing to wait for.
      if !showsOutages || needsFirst || (error as? UserError)?.kind == .usage { throw error }
      connection.failed("\(error)", at: options.clock.now())
      connection.warn()
    }
    let format = first?.format ?? Self.expectedFormat(options)
    (self.format, timeLine, fitter, spare) = (
      format, SteadyTimeLine(format.timeBase), FormatFitter(format), Frame(format)
    )
    source = first
    var info = first?.info ?? SourceInfo(name: name)
    (info.name, info.isLive, info.duration, info.frameCount) = (name, true, nil, nil)
    self.info = info
  }

  /// The format of dark pictures before the first real one.
  private static func expectedFormat(_ options: SourceOptions) -> FrameFormat {
    let size = options.camera.size ?? CameraWishes.usualSize
    var format = FrameFormat(
      pixelFormat: .yuv420p, width: size.width, height: size.height,
      color: ColorDescription(range: .limited, matrix: 6, primaries: 1, transfer: 13))
    format.timeBase = CameraSource.timeBase
    return format
  }

  /// Ends the source that is open, too: it was opened with the same interruption.
  package func interrupt() { options.interruption.request() }

  package func select(companions: Set<Int>) { if reconnects == 0 { source?.select(companions: companions) } }

  package func read(into frame: Frame) throws -> Bool {
    while !options.interruption.isRequested {
      if let source {
        guard let isRead = take(from: source, into: frame) else { continue }
        return isRead && isWithinDuration
      }
      let now = options.clock.now()
      if now >= connection.nextAttempt, reopen() { continue }
      wait(
        until: showsOutages ? min(connection.nextAttempt, now.advanced(bySeconds: Self.pause)) : connection.nextAttempt)
      if options.interruption.isRequested { break }
      guard showsOutages else { continue }
      try fitter.blank(frame)
      (frame.outage, frame.pts, frame.captureTime) = (connection.outage, nil, options.clock.now())
      finish(frame, timeBase: format.timeBase)
      return isWithinDuration
    }
    return false
  }

  private var isWithinDuration: Bool { options.duration.map { timeLine.seconds < $0 } ?? true }

  /// The next picture; nil when the source has failed instead.
  private func take(from source: any FrameSource, into frame: Frame) -> Bool? {
    do {
      if fitter.matches(source.format) {
        guard try source.read(into: frame) else { return ended() }
        frame.format = format
      } else {
        guard try source.read(into: spare) else { return ended() }
        try fitter.fit(spare, into: frame)
      }
      frame.outage = nil
      finish(frame, timeBase: source.format.timeBase)
      return true
    } catch {
      lose("\(error)")
      return nil
    }
  }

  private func ended() -> Bool? {
    if options.interruption.isRequested || !showsOutages { return false }
    lose("\(name) has ended")
    return nil
  }

  private func lose(_ reason: String) {
    if let source {
      past.damagedPackets += source.counters.damagedPackets
      past.driverDrops += source.counters.driverDrops
    }
    source = nil
    spare.backing = nil
    connection.failed(reason, at: options.clock.now())
    connection.warn()
  }

  private func reopen() -> Bool {
    do {
      var options = options
      (options.start, options.duration) = (nil, nil)
      source = try open(options)
      source?.select(companions: [])
      connection.succeeded(at: options.clock.now())
      reconnects += 1
      timeLine.beginAgain()
      Log.info("\(name) is back")
      return true
    } catch {
      connection.failed("\(error)", at: options.clock.now())
      return false
    }
  }

  private func wait(until moment: MonotonicTime) {
    while !options.interruption.isRequested {
      let now = options.clock.now()
      if now >= moment { return }
      options.clock.sleep(until: min(moment, now.advanced(bySeconds: 0.05)))
    }
  }

  /// One time line and one count for everything that is delivered.
  private func finish(_ frame: Frame, timeBase: Rational) {
    frame.pts = timeLine.place(frame.pts, in: timeBase, taken: frame.captureTime)
    if timeBase != format.timeBase { frame.duration = 0 }
    frame.sequence = sequence
    sequence += 1
  }
}
