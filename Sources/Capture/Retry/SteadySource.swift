import Frames
import Media
import Telemetry

/// A live source that does not end: when it fails it is opened again and again, and meanwhile dark pictures come that say
/// why, in the format of the pictures before.
package final class SteadySource: FrameSource {
  /// The format of every frame: that of the first pictures.
  package let format: FrameFormat
  /// What is known of it: that it is live.
  package private(set) var info: SourceInfo
  package var counters: SourceCounters {
    var sum = past
    if let source {
      sum.damagedPackets += source.counters.damagedPackets
      sum.driverDrops += source.counters.driverDrops
    }
    sum.reconnects = reconnects
    return sum
  }
  package var onCompanion: ((any CompanionPacket) throws -> Void)?

  private let name: String
  private let options: SourceOptions
  private let open: () throws -> any FrameSource
  private let fitter: FormatFitter
  private let spare: Frame
  private var source: (any FrameSource)?
  private var past = SourceCounters()
  private var reconnects = 0
  private var backoff: Backoff
  private var outage: Outage?
  private var opened: MonotonicTime
  private var nextAttempt: MonotonicTime
  private var sequence: UInt64 = 0
  private var start: MonotonicTime?
  private var lastTime: Int64 = -1

  /// Seconds between two pictures while there is no signal.
  private static let pause = 0.5

  /// Opens the source, or waits for it to appear.
  /// - Parameters:
  ///   - name: for messages.
  ///   - open: opens the source; called again after each failure.
  package init(
    _ name: String, options: SourceOptions, backoff: Backoff = Backoff(), open: @escaping () throws -> any FrameSource
  ) throws {
    (self.name, self.options, self.open, self.backoff) = (name, options, open, backoff)
    opened = options.clock.now()
    nextAttempt = opened
    var first: (any FrameSource)?
    do {
      first = try open()
    } catch let error as UserError where error.kind == .usage {
      // Words that cannot be right will not become right by waiting.
      throw error
    } catch {
      outage = Outage(reason: "\(error)", since: opened)
      self.backoff.failed(afterSeconds: 0)
      nextAttempt = opened.advanced(bySeconds: self.backoff.delay)
      Log.warning("\(error); trying again in \(Int(self.backoff.delay.rounded(.up))) s")
    }
    let size = options.camera.size ?? (1280, 720)
    var format =
      first?.format
      ?? FrameFormat(
        pixelFormat: .yuv420p, width: size.0, height: size.1,
        color: ColorDescription(range: .limited, matrix: 6, primaries: 1, transfer: 13))
    format.timeBase = Rational(1, 1_000_000)
    self.format = format
    fitter = FormatFitter(format)
    spare = Frame(format)
    source = first
    info = first?.info ?? SourceInfo(name: name)
    (info.name, info.isLive, info.duration, info.frameCount) = (name, true, nil, nil)
    info.companions = nil
  }

  package func interrupt() {
    options.interruption.request()
    source?.interrupt()
  }

  package func read(into frame: Frame) throws -> Bool {
    while !options.interruption.isRequested {
      if outage == nil, let source {
        if let isRead = take(from: source, into: frame) { return isRead }
        continue
      }
      let now = options.clock.now()
      if now >= nextAttempt, reopen() { continue }
      wait(until: min(nextAttempt, now.advanced(bySeconds: Self.pause)))
      if options.interruption.isRequested { break }
      try fitter.blank(frame)
      frame.outage = outage
      finish(frame, taken: options.clock.now())
      return true
    }
    return false
  }

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
      finish(frame, taken: frame.captureTime)
      return true
    } catch {
      lose("\(error)")
      return nil
    }
  }

  private func ended() -> Bool? {
    if options.interruption.isRequested { return false }
    lose("\(name) has ended")
    return nil
  }

  private func lose(_ reason: String) {
    let now = options.clock.now()
    if let source {
      past.damagedPackets += source.counters.damagedPackets
      past.driverDrops += source.counters.driverDrops
    }
    source = nil
    spare.backing = nil
    backoff.failed(afterSeconds: now.seconds(since: opened))
    nextAttempt = now.advanced(bySeconds: backoff.delay)
    outage = Outage(reason: reason, since: now)
    Log.warning("\(reason); trying again in \(Int(backoff.delay.rounded(.up))) s")
  }

  private func reopen() -> Bool {
    do {
      let again = try open()
      (source, outage) = (again, nil)
      opened = options.clock.now()
      reconnects += 1
      Log.info("\(name) is back")
      return true
    } catch {
      let now = options.clock.now()
      backoff.failed(afterSeconds: 0)
      nextAttempt = now.advanced(bySeconds: backoff.delay)
      outage = Outage(reason: "\(error)", since: outage?.since ?? now)
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
  private func finish(_ frame: Frame, taken: MonotonicTime) {
    let begin = start ?? taken
    start = begin
    lastTime = max(Int64(taken.seconds(since: begin) * 1e6), lastTime + 1)
    (frame.pts, frame.sequence) = (lastTime, sequence)
    sequence += 1
    frame.captureTime = taken
    frame.stamps = StageStamps()
    frame.stamps.captured = taken
  }
}
