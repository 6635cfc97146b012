import Foundation
import Synchronization
import Telemetry

/// The live stream of one viewer: for each snapshot that it has time for, what it looks at.
final class WatchStream: HTTPStream {
  private struct State {
    var last: UInt64 = 0
    var survey = 0
    var rate = RateMeter()
    /// Milliseconds that the message before took to leave.
    var send = 0.0
  }
  private let hub: Hub
  private let live: LiveViewer
  private let settings: WatchSettings
  private let watcher: Int
  private let state = Mutex(State())

  /// A watcher of these settings, until `close`.
  init(_ settings: WatchSettings, live: LiveViewer) {
    (self.settings, self.live, hub) = (settings, live, live.hub)
    watcher = live.hub.join(settings)
  }

  func close() { hub.leave(watcher) }

  func left(after milliseconds: Double) {
    state.withLock { $0.send = milliseconds }
    live.loop.stages.note(.send, milliseconds)
  }

  /// The newest snapshot as a message, or, when none comes, now and then a message without a frame.
  func next() -> [UInt8]? {
    guard !hub.isOver else { return nil }
    let last = state.withLock { $0.last }
    guard let snapshot = hub.next(after: last) else { return hub.isOver ? nil : keepAlive() }
    live.unsent.note(from: last, to: snapshot.number)
    let survey = state.withLock { state in
      state.last = snapshot.number
      state.rate.note(SystemTime().now())
      let isNew = snapshot.survey.map { $0.number != state.survey } ?? false
      if let number = snapshot.survey?.number { state.survey = number }
      return isNew
    }
    do {
      return try message(snapshot, withSurvey: survey)
    } catch {
      Log.warning("a viewer cannot be shown frame \(snapshot.frame.sequence): \(error)")
      return []
    }
  }

  private func keepAlive() -> [UInt8] {
    var message = WatchMessage()
    live.describe(&message)
    if hub.latest == nil { message.notice = "Waiting for the first picture." }
    do { return try message.framed([]) } catch { return [] }
  }

  private func message(_ snapshot: Snapshot, withSurvey: Bool) throws -> [UInt8] {
    var message = WatchMessage(snapshot, settings)
    live.describe(&message)
    message.fps["sent"] = state.withLock { $0.rate.rate }
    if withSurvey {
      message.glow = snapshot.survey?.glow
      if settings.health { message.health = snapshot.survey?.health }
    }
    let start = SystemTime().now()
    var payload: [[UInt8]] = []
    func add(_ name: String, _ bytes: [UInt8]?) {
      guard let bytes, !bytes.isEmpty else { return }
      payload.append(bytes)
      message.blobs.append(.init(name: name, type: "image/jpeg", bytes: bytes.count))
    }
    add("picture", try live.pictures.jpeg(snapshot, settings))
    if let mosaic = try MosaicRenderer.mosaic(snapshot, settings) {
      message.layer = mosaic.layout
      add("mosaic", mosaic.jpeg)
    }
    add("unit", try MosaicRenderer.unit(snapshot, settings))
    if let wish = settings.unitWish { add("unit_explained", try MosaicRenderer.explanation(snapshot, wish)) }
    let end = SystemTime().now()
    let encoding = end.seconds(since: start) * 1e3
    live.loop.stages.note(.encode, encoding)
    message.stagesMs["encode"] = encoding
    message.stagesMs["send"] = state.withLock { $0.send }
    message.latencyMs = max(0, end.seconds(since: snapshot.frame.captureTime)) * 1e3
    live.latencies.note(message.latencyMs)
    return try message.framed(payload)
  }
}

extension WatchMessage {
  /// What these settings ask of the snapshot, but for the pictures.
  init(_ snapshot: Snapshot, _ settings: WatchSettings) {
    let format = snapshot.frame.format
    (frame, time) = (snapshot.frame.sequence, snapshot.frame.seconds)
    resolution = [format.width, format.height]
    outage = snapshot.frame.outage.map {
      Outage(reason: $0.reason, sinceS: max(0, SystemTime().now().seconds(since: $0.since)))
    }
    top = snapshot.top.prefix(settings.top).map {
      Score(label: $0.label, index: $0.index, confidence: $0.confidence.orZero)
    }
    if let index = settings.pin, snapshot.scores.indices.contains(index) {
      pin = Score(label: snapshot.network.classes[index], index: index, confidence: snapshot.scores[index].orZero)
    }
    stagesMs = snapshot.times.named
    crop = Crop(
      x: snapshot.crop.x, y: snapshot.crop.y, width: snapshot.crop.width, height: snapshot.crop.height)
    if let wish = settings.saliency {
      saliency = snapshot.explanations[wish].map { Saliency($0, on: snapshot) }
      notice = snapshot.problems[wish]
    }
    if let wish = settings.unitWish, let problem = snapshot.problems[wish] { notice = problem }
    if let layer = settings.layer.flatMap({ snapshot.layers[$0] }), let number = settings.unit {
      unit = UnitState(layer, number)
    }
  }
}

extension WatchMessage.Saliency {
  /// In picture pixels.
  init(_ shown: ShownExplanation, on snapshot: Snapshot) {
    (method, layer, target) = (shown.method, shown.layer, shown.target)
    let at = snapshot.placement
    let (first, hottest) = (at.point(shown.box.u, shown.box.v), at.point(shown.peak.u, shown.peak.v))
    let last = at.point(shown.box.u + shown.box.width, shown.box.v + shown.box.height)
    (peak, box) = ([hottest.x, hottest.y], [first.x, first.y, last.x - first.x, last.y - first.y])
  }
}
