import Foundation
import Frames
import Inference
import Models
import Pipeline
import Synchronization
import Telemetry

/// What viewers may change while it runs.
struct LiveControl: Sendable {
  var isPaused = false
  /// Frames that may still pass while it is paused.
  var steps = 0
  var hasEnded = false
}

/// Counts of a running loop, for `/v1/state` and `/metrics`.
struct LiveCounts: Sendable {
  var frames = FrameLedger()
  /// Frames that the network saw and that were not published before the next one.
  var unpublished = 0
  var driverDrops = 0, reconnects = 0, damagedPackets = 0
  /// Why the source gave no picture at last; nil when it did.
  var outage: Outage?
  /// Frames per second lately.
  var rateIn = 0.0, rateAnalysed = 0.0
}

/// A network that looks at live frames, and what viewers may know of it.
struct LiveNetwork: Sendable {
  let analyst: Analyst
  let report: NetworkReport

  /// - Parameter compiled: made of the model's graph; several cameras may share it.
  init(_ model: Model, _ compiled: CompiledNetwork, clock: any TimeSource) throws {
    analyst = try Analyst(model, compiled, clock: clock)
    report = NetworkReport(analyst)
  }
}

/// The live way of a frame: source, newest frame wins, network, snapshot.
final class LiveLoop: @unchecked Sendable {
  // Safety: constant, or guarded; `copies` belongs to the thread that delivers frames.
  let board: SnapshotBoard
  /// How long the parts of recent frames' ways took.
  let spans = SpanMeters()
  /// Snapshots that streams had no time for.
  let unsent = PassedOver()
  /// Snapshots that recordings and `--output` had no time for.
  let unwritten = PassedOver()
  /// Takes the packets of sound and subtitles of the source that was there at start.
  let packets = PacketRelay()
  /// What that source has beside the video.
  let companions: (any CompanionStreams)?
  private let sources: SourceSwitch
  private let clock: any TimeSource
  private let current: Mutex<LiveNetwork>
  private let control: Mutex<LiveControl>
  private let counts = Mutex(LiveCounts())
  private let rates: Mutex<(in: RateMeter, analysed: RateMeter)>
  private let isStopped = Atomic<Bool>(false)
  private let policy: LookPolicy
  /// When the loop last read a frame, and last delivered one.
  private let beats = Mutex<(read: MonotonicTime?, delivered: MonotonicTime?)>((nil, nil))
  /// These two belong to the thread that analyses.
  private var rateGate = RateGate()
  private var wasOut = false
  /// What the network said last; belongs to the thread that delivers.
  private var newest: (analysis: Analysis, report: NetworkReport)?
  private var copies = ReusePool<Frame>()
  private var copiedFormat: FrameFormat?

  init(
    source: any FrameSource, network: LiveNetwork, board: SnapshotBoard, policy: LookPolicy, clock: any TimeSource
  ) {
    (sources, self.board, self.policy, self.clock) = (SourceSwitch(source), board, policy, clock)
    companions = source.info.companions
    current = Mutex(network)
    control = Mutex(LiveControl())
    rates = Mutex((RateMeter(), RateMeter()))
    source.onCompanion = { [packets] in packets.pass($0) }
  }

  /// What every frame answers, whatever viewers ask for.
  static let noWishes = Wishes(top: 20)

  /// The network that looks now. Never waits for it.
  var network: NetworkReport { current.withLock { $0.report } }

  /// What viewers have asked of it.
  var state: LiveControl { control.withLock { $0 } }

  var numbers: LiveCounts {
    var numbers = counts.withLock { $0 }
    (numbers.rateIn, numbers.rateAnalysed) = rates.withLock { ($0.in.rate, $0.analysed.rate) }
    return numbers
  }

  var format: FrameFormat { sources.current.format }
  var sourceName: String { sources.current.info.name }

  /// The network looks also while there are no watchers.
  var isAlwaysOn: Bool { policy.isAlwaysOn }

  /// The picture stands still: it is paused, or the source has ended.
  var isStill: Bool { control.withLock { $0.isPaused || $0.hasEnded } }

  /// Holds the picture, or goes on.
  func pause(_ isPaused: Bool) { control.withLock { ($0.isPaused, $0.steps) = (isPaused, 0) } }

  /// Lets one frame pass while it is paused.
  func step() { control.withLock { if $0.isPaused { $0.steps += 1 } } }

  /// From the next frame on another network looks.
  func replace(_ other: LiveNetwork) {
    let old = current.withLock { now in
      defer { now = other }
      return now.analyst
    }
    // Slots may hold it for a while; its work beside the frames must not go on.
    old.rest()
  }

  /// From the next frame on the pictures come from another source.
  func replace(source: any FrameSource) { sources.replace(source) }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    sources.current.interrupt()
    board.close()
  }

  /// Runs until `stop`, or until the source fails. After the source's end the last picture stays until `stop`.
  func run() throws {
    let flow = FrameFlow(
      sources.current.format, policy: .keepLatest, slots: 3, clock: clock,
      .init(
        read: { [self] in try read(into: $0) }, look: { [self] slots in for slot in slots { try look(at: slot) } },
        deliver: { [self] in deliver($0) }, wake: { [self] in sources.current.interrupt() }))
    try flow.run { [self] in note(flow.dropped) }
    note(flow.dropped)
    control.withLock { $0.hasEnded = true }
    while !board.isOver {
      Thread.sleep(forTimeInterval: 0.05)
      try lookAgain()
    }
  }

  private func read(into frame: Frame) throws -> Bool {
    waitWhilePaused()
    guard !isStopped.load(ordering: .relaxed) else { return false }
    while try !sources.read(into: frame) {
      guard sources.change(), !isStopped.load(ordering: .relaxed) else { return false }
    }
    let counters = sources.current.counters
    counts.withLock {
      $0.frames.captured += 1
      $0.outage = frame.outage
      ($0.driverDrops, $0.reconnects) = (counters.driverDrops, counters.reconnects)
      $0.damagedPackets = counters.damagedPackets
    }
    let now = clock.now()
    rates.withLock { $0.in.note(now) }
    beats.withLock { $0.read = now }
    return true
  }

  /// Waits while the loop is paused. A camera goes on meanwhile, and its driver drops the pictures; a file waits.
  private func waitWhilePaused() {
    while !isStopped.load(ordering: .relaxed) {
      let mayGo = control.withLock { state in
        guard state.isPaused else { return true }
        guard state.steps > 0 else { return false }
        state.steps -= 1
        return true
      }
      if mayGo { return }
      clock.sleep(until: clock.now().advanced(bySeconds: 0.02))
      do { try lookAgain() } catch { Log.warning("\(error)") }
    }
  }

  /// The network sees a frame while there are watchers, and the first one in any case.
  private func look(at slot: FrameFlow.Slot) throws {
    let analyst = current.withLock { $0.analyst }
    slot.analyst = analyst
    if let reason = try skips(slot, analyst) { return counts.withLock { $0.frames.skip(reason) } }
    counts.withLock { $0.frames.analysed += 1 }
  }

  /// Lets the network look at a frame, unless there is a reason not to.
  private func skips(_ slot: FrameFlow.Slot, _ analyst: Analyst) throws -> FrameLedger.Skip? {
    let isWatched = board.watcherCount > 0
    if !isWatched { analyst.rest() }
    defer { wasOut = slot.frame.outage != nil }
    if slot.frame.outage != nil { return .noSignal }
    guard isWatched || policy.isAlwaysOn || board.latest == nil else { return .unwatched }
    let wishes = board.demand
    if let rate = policy.rate, !wasOut, !rateGate.passes(rate, at: clock.now()) { return .rate }
    guard let gate = policy.gate, !wasOut else {
      slot.analysis = try analyst.look(slot.frame, wishes)
      return nil
    }
    slot.analysis = try analyst.look(slot.frame, wishes, unless: gate)
    return slot.analysis == nil ? .still : nil
  }

  private func note(_ dropped: (beforeAnalysis: Int, afterIt: Int)) {
    counts.withLock { ($0.frames.dropped, $0.unpublished) = (dropped.beforeAnalysis, dropped.afterIt) }
  }

  /// When it last read a frame and last delivered one; nil for never.
  var latestBeats: (read: MonotonicTime?, delivered: MonotonicTime?) { beats.withLock { $0 } }

  private func deliver(_ slot: FrameFlow.Slot) {
    defer { slot.letGo() }
    let now = clock.now()
    beats.withLock { $0.delivered = now }
    let isFresh = slot.analysis != nil
    if let analysis = slot.analysis {
      newest = (analysis, report(of: slot.analyst))
      rates.withLock { $0.analysed.note(clock.now()) }
    } else if slot.frame.outage != nil {
      newest = nil
    } else if !policy.publishesAll || board.watcherCount == 0 || newest == nil {
      return
    }
    let waited: [Span: Double] = [
      .capture: max(0, slot.taken.seconds(since: slot.frame.captureTime)), .queue: slot.queueSeconds,
    ]
    let snapshot = Snapshot(
      frame: copy(of: slot.frame), analysis: newest?.analysis, network: newest?.report ?? network, waited: waited,
      isFresh: isFresh)
    if isFresh { for (span, seconds) in snapshot.spans { spans.note(span, seconds: seconds) } }
    snapshot.published = clock.now()
    board.publish(snapshot)
  }

  private func report(of analyst: Analyst?) -> NetworkReport {
    let now = current.withLock { $0 }
    guard let analyst, analyst !== now.analyst else { return now.report }
    return NetworkReport(analyst)
  }

  /// The picture in memory of its own, which snapshots share.
  private func copy(of frame: Frame) -> Frame {
    if copiedFormat != frame.format { (copies, copiedFormat) = (ReusePool(most: 16), frame.format) }
    let copy = copies.take { Frame.allocated(frame.format) }
    copy.copyProperties(from: frame)
    copy.copyPicture(from: frame)
    return copy
  }

  /// The frame of a snapshot with an answer to all present wishes; published only there.
  func lookAgain(at snapshot: Snapshot) throws -> Snapshot {
    let network = current.withLock { $0 }
    guard network.report === snapshot.network else {
      throw NotThere("frame \(snapshot.frame.sequence) was seen by another network; without 'frame' a new one is shown")
    }
    let analysis = try network.analyst.look(snapshot.frame, board.demand)
    return Snapshot(frame: snapshot.frame, analysis: analysis, network: network.report, waited: snapshot.spans)
  }

  /// While the picture stands still, other wishes are still met, and explanations that were not ready yet still come.
  private func lookAgain() throws {
    guard let latest = board.latest, let before = latest.analysis else { return }
    let (network, wishes) = (current.withLock { $0 }, board.demand)
    let isCurrent = latest.network === network.report && before.wishes == wishes && before.news == network.analyst.news
    guard !isCurrent else { return }
    let analysis = try network.analyst.look(latest.frame, wishes)
    let snapshot = Snapshot(frame: latest.frame, analysis: analysis, network: network.report, waited: latest.spans)
    snapshot.published = clock.now()
    board.publish(snapshot, unlessAfter: latest.number)
  }
}
