import Foundation
import Frames
import Pipeline
import Synchronization
import Telemetry
import Tensors

/// What the viewers may change while it runs.
struct LiveControl: Sendable {
  var isPaused = false
  /// Frames that may still pass while it is paused.
  var steps = 0
  /// Looks at every frame though nobody watches.
  var isAlwaysOn = false
  /// The source has ended.
  var hasEnded = false
}

/// Counts of a running loop, for `/v1/state` and `/metrics`.
struct LiveCounts: Sendable {
  var framesIn = 0, analysed = 0
  var dropped = 0
  var driverDrops = 0, reconnects = 0
  /// Why the source gave no picture at last; nil when it did.
  var outage: Outage?
  /// Frames per second lately.
  var rateIn = 0.0, rateAnalysed = 0.0
}

/// The live way of a frame: source, newest frame wins, network, snapshot.
final class LiveLoop: @unchecked Sendable {
  // Safety: constant, or guarded.
  let hub: Hub
  /// What the stages of recent frames took.
  let stages = StageMeters()
  private let sources: SourceSwitch
  private let clock: any TimeSource
  private let looker: Mutex<Looker>
  private let control: Mutex<LiveControl>
  private let counts = Mutex(LiveCounts())
  private let rates: Mutex<(in: RateMeter, analysed: RateMeter)>
  private let isStopped = Atomic<Bool>(false)
  private let pictures = PicturePool()

  /// A slot of the ring.
  final class Slot {
    let frame: Frame
    /// When it was filled.
    var taken = MonotonicTime(nanoseconds: 0)
    init(_ format: FrameFormat) { frame = Frame(format) }

    /// Gives a picture back to the driver whose memory it lies in: a camera that was lost gets its old name again only when
    /// nobody holds anything of it any more.
    func letGo() {
      if !(frame.backing is PictureBuffer) { (frame.backing, frame.planes) = (nil, Planes()) }
    }
  }

  init(source: any FrameSource, looker: Looker, hub: Hub, isAlwaysOn: Bool, clock: any TimeSource) {
    (sources, self.hub, self.clock) = (SourceSwitch(source), hub, clock)
    self.looker = Mutex(looker)
    control = Mutex(LiveControl(isAlwaysOn: isAlwaysOn))
    rates = Mutex((RateMeter(), RateMeter()))
  }

  /// The network that looks now.
  var network: NetworkReport { looker.withLock { $0.report } }

  /// The weights of a layer that has filters.
  func filters(of layer: NetworkReport.Layer) throws -> Tensor { try looker.withLock { try $0.filters(of: layer) } }

  /// What it is about to do.
  var state: LiveControl { control.withLock { $0 } }

  /// The counts so far.
  var numbers: LiveCounts {
    var numbers = counts.withLock { $0 }
    (numbers.rateIn, numbers.rateAnalysed) = rates.withLock { ($0.in.rate, $0.analysed.rate) }
    return numbers
  }

  /// The source's format.
  var format: FrameFormat { sources.current.format }
  /// The source's name.
  var sourceName: String { sources.current.info.name }

  /// Holds the picture, or goes on.
  func pause(_ isPaused: Bool) { control.withLock { ($0.isPaused, $0.steps) = (isPaused, 0) } }

  /// Lets one frame pass while it is paused.
  func step() { control.withLock { if $0.isPaused { $0.steps += 1 } } }

  /// From the next frame on another network looks.
  func replace(_ other: Looker) { looker.withLock { $0 = other } }

  /// From the next frame on the pictures come from another source.
  func replace(source: any FrameSource) { sources.replace(source) }

  /// Ends `run`.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    sources.current.interrupt()
    hub.close()
  }

  /// Runs until `stop`, or until the source fails. After the source's end the last picture stays until `stop`.
  func run() throws {
    let conveyor = Conveyor<Slot>(
      slots: (0..<3).map { _ in Slot(sources.current.format) }, policy: .keepLatest,
      produce: { [self] slot in try read(into: slot) },
      stages: [.init("look") { [self] slot in try look(slot) }],
      onFailure: { [self] in sources.current.interrupt() })
    try conveyor.run { [self] in
      counts.withLock { $0.dropped = conveyor.drops.reduce(0, +) }
    }
    control.withLock { $0.hasEnded = true }
    while !hub.isOver {
      Thread.sleep(forTimeInterval: 0.05)
      try lookAgain()
    }
  }

  private func read(into slot: Slot) throws -> Bool {
    waitWhilePaused()
    guard !isStopped.load(ordering: .relaxed) else { return false }
    while try !sources.read(into: slot.frame) {
      guard sources.change(), !isStopped.load(ordering: .relaxed) else { return false }
    }
    slot.taken = clock.now()
    let counters = sources.current.counters
    counts.withLock {
      $0.framesIn += 1
      $0.outage = slot.frame.outage
      ($0.driverDrops, $0.reconnects) = (counters.driverDrops, counters.reconnects)
    }
    rates.withLock { $0.in.note(clock.now()) }
    return true
  }

  /// A camera goes on by itself: what it takes meanwhile is the driver's to drop. A file waits.
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

  private func look(_ slot: Slot) throws {
    defer { slot.letGo() }
    let isWatched = hub.watcherCount > 0 || state.isAlwaysOn || hub.latest == nil
    guard isWatched else { return }
    let snapshot = Snapshot(frame: pictures.copy(of: slot.frame), network: network)
    snapshot.times.capture = max(0, slot.taken.seconds(since: slot.frame.captureTime)) * 1e3
    snapshot.times.queue = clock.now().seconds(since: slot.taken) * 1e3
    try analyse(snapshot)
  }

  private func analyse(_ snapshot: Snapshot) throws {
    if snapshot.frame.outage == nil {
      try looker.withLock { try $0.look(snapshot, for: hub.demand) }
      counts.withLock { $0.analysed += 1 }
      rates.withLock { $0.analysed.note(clock.now()) }
      stages.note(snapshot.times)
    }
    snapshot.published = clock.now()
    hub.publish(snapshot)
  }

  /// While the picture stands still, other wishes are still met.
  private func lookAgain() throws {
    guard let latest = hub.latest, latest.demand != hub.demand.version, latest.frame.outage == nil else { return }
    let snapshot = Snapshot(frame: latest.frame, network: network)
    (snapshot.times.capture, snapshot.times.queue) = (latest.times.capture, latest.times.queue)
    try analyse(snapshot)
  }
}
