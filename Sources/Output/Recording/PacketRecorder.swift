import CFFmpeg
@preconcurrency import Dispatch
import Foundation
import Frames
import Media
import Synchronization
import Telemetry

/// Where a recorder's files go and when a new one begins.
package struct RecorderOptions: Sendable {
  /// Seconds after which a new file begins, counted on the clock: files of ten minutes begin at :00, :10, … Nil: no continuous
  /// recording.
  package var segment: Double?
  /// `mp4`, `mkv`, or nil to choose by the codecs.
  package var container: String?
  /// Seconds that clips hold of what came before they were asked for.
  package var before = 5.0
  /// The path of a segment that begins at this time (seconds since 1970), without its ending.
  package var path: @Sendable (Double) -> String = { "\(Int($0))" }
  /// Seconds since 1970.
  package var now: @Sendable () -> Double = { Date().timeIntervalSince1970 }
  /// There is room to record; asked before each file, and every few seconds while there is none.
  package var hasRoom: @Sendable () -> Bool = { true }

  package init() {}
}

/// Why a recorder does not write, and what it has written.
package struct RecorderState: Sendable {
  /// A sentence; nil while all is well.
  package var problem: String?
  /// The unfinished segment, and when it began in seconds since 1970; nil for none.
  package var current: String?
  package var began = 0.0
  package var frames = 0, files = 0
  /// Video packets that the disk was too slow or too full for.
  package var lost = 0
}

/// Writes the packets of one camera to files: segments without a gap, and clips that begin before they were asked for.
///
/// Nothing is encoded and the source never waits: files are written on a queue of their own, and packets that it has no time for are
/// counted. A segment begins at a key frame; sound goes to the file that its time belongs to.
package final class PacketRecorder: PacketTap, @unchecked Sendable {
  // Safety: `waiting` is atomic, `state` has a lock; all else is touched on `queue` only.
  private final class Clip {
    let base: String
    let id: Int
    var file: PacketFile?
    var end: MonotonicTime?
    let done: @Sendable (RecordedFile?) -> Void

    init(_ base: String, _ id: Int, done: @escaping @Sendable (RecordedFile?) -> Void) {
      (self.base, self.id, self.done) = (base, id, done)
    }
  }

  /// Bytes that may wait for the disk.
  private static let waitingLimit = 48 << 20
  /// Seconds between two looks at a disk that was full.
  private static let pause = 5.0

  private let name: String
  private let options: RecorderOptions
  private let clock: any TimeSource
  private let finished: @Sendable (RecordedFile) -> Void
  private let queue: DispatchQueue
  private let waiting = Atomic<Int>(0)
  private let state = Mutex(RecorderState())
  private let nextClip = Atomic<Int>(0)
  private var streams: PacketStreams?
  private var ring: PacketRing
  private var decodingTimes = DecodingTimes()
  private var segment: PacketFile?
  private var segmentNumber = 0
  /// The segment before, for sound that belongs to it, and where in the video's time base it ends.
  private var earlier: (file: PacketFile, end: Int64)?
  private var clips: [Clip] = []
  private var retry: MonotonicTime?

  /// - Parameters:
  ///   - name: the camera, for messages.
  ///   - finished: told of each segment that is complete.
  package init(
    _ name: String, _ options: RecorderOptions, clock: any TimeSource = SystemTime(),
    finished: @escaping @Sendable (RecordedFile) -> Void = { _ in }
  ) {
    (self.name, self.options, self.clock, self.finished) = (name, options, clock, finished)
    queue = DispatchQueue(label: "record \(name)", qos: .utility)
    ring = PacketRing(seconds: options.before)
  }

  /// What it does now.
  package var report: RecorderState { state.withLock { $0 } }

  package func begin(_ streams: PacketStreams) {
    queue.async { [self] in
      endSegment()
      // A clip goes on in another file only if it is asked for again.
      for clip in clips { finish(clip) }
      clips.removeAll()
      ring.clear()
      self.streams = streams
      decodingTimes = DecodingTimes()
    }
  }

  package func take(_ packet: UnsafePointer<AVPacket>) {
    let bytes = Int(packet.pointee.size)
    guard waiting.load(ordering: .relaxed) + bytes <= Self.waitingLimit, let copy = try? MediaPacket(copying: packet)
    else { return state.withLock { $0.lost += 1 } }
    waiting.add(bytes, ordering: .relaxed)
    let (arrival, now) = (clock.now(), options.now())
    // The queue alone has it from now on.
    nonisolated(unsafe) let kept = copy
    queue.async { [self] in
      write(kept, arrival, now)
      waiting.subtract(bytes, ordering: .relaxed)
    }
  }

  /// Begins a clip that holds what the ring has and what comes until `endClip`.
  /// - Parameters:
  ///   - base: its path without the ending.
  ///   - done: told of the file, or nil where there is none.
  /// - Returns: what `endClip` takes.
  package func beginClip(_ base: String, done: @escaping @Sendable (RecordedFile?) -> Void) -> Int {
    let id = nextClip.add(1, ordering: .relaxed).newValue
    queue.async { [self] in
      let clip = Clip(base, id, done: done)
      clips.append(clip)
      for packet in ring.packets { write(packet, to: clip) }
    }
    return id
  }

  /// Ends a clip so many seconds from now.
  package func endClip(_ id: Int, after seconds: Double) {
    let end = clock.now().advanced(bySeconds: seconds)
    queue.async { [self] in clips.first { $0.id == id }?.end = end }
  }

  /// Completes all files; returns when they are on the disk.
  package func stop() {
    queue.sync { [self] in
      endSegment()
      for clip in clips { finish(clip) }
      clips.removeAll()
    }
  }

  private func write(_ copy: MediaPacket, _ arrival: MonotonicTime, _ now: Double) {
    guard let streams else { return }
    let packet = TimedPacket(packet: copy, isVideo: copy.streamIndex == streams.video.index, arrival: arrival)
    for ready in packet.isVideo ? decodingTimes.place(packet) : [packet] { write(ready, streams, now) }
  }

  private func write(_ packet: TimedPacket, _ streams: PacketStreams, _ now: Double) {
    let arrival = packet.arrival
    // Without segments the failure of a clip is over when there is room for the next one.
    if packet.isKey, options.segment == nil, clips.isEmpty, report.problem != nil, options.hasRoom() { settle() }
    writeSegment(packet, streams, now)
    for clip in clips { write(packet, to: clip) }
    for clip in clips where clip.end.map({ arrival >= $0 }) == true { finish(clip) }
    clips.removeAll { $0.end.map { arrival >= $0 } == true }
    ring.add(packet)
  }

  // MARK: segments

  private func writeSegment(_ packet: TimedPacket, _ streams: PacketStreams, _ now: Double) {
    guard let length = options.segment else { return }
    let number = Int(now / length)
    if packet.isKey, segment == nil || number != segmentNumber { turnSegment(packet, streams, now, number) }
    if packet.isVideo, let earlier,
      time(packet.packet) > earlier.end.addingClamped(Int64(1 / streams.video.timeBase.value))
    {
      endEarlier()
    }
    let file = belongsToEarlier(packet, streams) ? earlier?.file : segment
    guard let file else {
      if packet.isVideo, retry != nil { state.withLock { $0.lost += 1 } }
      return
    }
    do {
      try file.write(packet)
      if packet.isVideo { state.withLock { $0.frames += 1 } }
    } catch { fail(error) }
  }

  private func turnSegment(_ packet: TimedPacket, _ streams: PacketStreams, _ now: Double, _ number: Int) {
    guard mayTry(packet.arrival) else { return }
    endEarlier()
    if let segment { earlier = (segment, time(packet.packet)) }
    segment = nil
    segmentNumber = number
    do {
      let file = try PacketFile(
        options.path(now), streams, container: options.container, first: packet.packet, at: now)
      segment = file
      state.withLock { ($0.current, $0.began) = (file.partialPath, now) }
      retry = nil
      settle()
    } catch { fail(error) }
  }

  /// Whether a new file may be begun: there is room, or it is time to look again.
  private func mayTry(_ now: MonotonicTime) -> Bool {
    if let retry, now < retry { return false }
    if options.hasRoom() { return true }
    fail(UserError("the disk has no room"))
    return false
  }

  private func belongsToEarlier(_ packet: TimedPacket, _ streams: PacketStreams) -> Bool {
    guard let earlier, !packet.isVideo,
      let base = streams.others.first(where: { $0.index == packet.packet.streamIndex })?.timeBase
    else { return false }
    return av_compare_ts(time(packet.packet), base.ffmpeg, earlier.end, streams.video.timeBase.ffmpeg) < 0
  }

  private func time(_ packet: MediaPacket) -> Int64 {
    let times = packet.pointer.pointee
    return times.dts != fovea_nopts ? times.dts : times.pts != fovea_nopts ? times.pts : 0
  }

  private func endEarlier() {
    guard let (file, _) = earlier else { return }
    earlier = nil
    complete(file)
  }

  private func endSegment() {
    endEarlier()
    guard let file = segment else { return }
    segment = nil
    state.withLock { $0.current = nil }
    complete(file)
  }

  private func complete(_ file: PacketFile) {
    do {
      note(try file.finish())
    } catch {
      if let kept = file.salvage() { note(kept) }
      say("\(error)")
    }
  }

  private func note(_ file: RecordedFile) {
    state.withLock { $0.files += 1 }
    finished(file)
  }

  /// The disk is full, gone or may not be written: one clear state, said once; it is tried again later.
  private func fail(_ error: any Error) {
    if let (file, _) = earlier, let kept = file.salvage() { note(kept) }
    if let kept = segment?.salvage() { note(kept) }
    (earlier, segment) = (nil, nil)
    state.withLock { $0.current = nil }
    retry = clock.now().advanced(bySeconds: Self.pause)
    say("\(error)")
  }

  /// What could not be done can be done again.
  private func settle() {
    let hadProblem = state.withLock { state in
      defer { state.problem = nil }
      return state.problem != nil
    }
    if hadProblem { Log.info("\(name): recording goes on") }
  }

  private func say(_ problem: String) {
    let isNew = state.withLock { state in
      defer { state.problem = problem }
      return state.problem == nil
    }
    if isNew { Log.warning("\(name): recording has stopped and is tried again every few seconds: \(problem)") }
  }

  // MARK: clips

  private func write(_ packet: TimedPacket, to clip: Clip) {
    guard let streams else { return }
    do {
      if clip.file == nil {
        guard packet.isKey else { return }
        clip.file = try PacketFile(
          clip.base, streams, container: options.container, first: packet.packet,
          at: options.now() - clock.now().seconds(since: packet.arrival))
      }
      try clip.file?.write(packet)
      if segment == nil, retry == nil { settle() }
    } catch {
      say("\(error)")
      let kept = clip.file?.salvage()
      clip.file = nil
      clip.end = packet.arrival
      clip.done(kept)
    }
  }

  private func finish(_ clip: Clip) {
    guard let file = clip.file else { return }
    clip.file = nil
    do { clip.done(try file.finish()) } catch {
      say("\(error)")
      clip.done(file.salvage())
    }
  }
}
