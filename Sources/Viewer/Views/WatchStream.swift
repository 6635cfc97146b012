import Foundation
import Frames
import Pipeline
import Synchronization
import Telemetry

/// The live stream of one viewer: for each snapshot that it has time for, what it looks at.
final class WatchStream: HTTPStream {
  private struct State {
    var last: UInt64 = 0
    var survey = 0
    var rate = RateMeter()
    /// Seconds that the message before took to leave.
    var send = 0.0
  }
  private let board: SnapshotBoard
  private let live: LiveViewer
  private let settings: WatchSettings
  private let watcher: Int
  private let state = Mutex(State())

  /// A watcher of these settings, until `close`.
  init(_ settings: WatchSettings, live: LiveViewer) {
    (self.settings, self.live, board) = (settings, live, live.board)
    watcher = live.board.join(settings)
  }

  func close() { board.leave(watcher) }

  func left(after seconds: Double) {
    state.withLock { $0.send = seconds }
    live.loop.spans.note(.send, seconds: seconds)
  }

  /// The newest snapshot as a message, or, when none comes, now and then a message without a frame.
  func next() -> [UInt8]? {
    guard !board.isOver else { return nil }
    let last = state.withLock { $0.last }
    guard let snapshot = board.next(after: last) else { return board.isOver ? nil : keepAlive() }
    live.loop.unsent.note(from: last, to: snapshot.number)
    board.note(snapshot, sentTo: watcher)
    let survey = state.withLock { state in
      state.last = snapshot.number
      state.rate.note(SystemTime().now())
      let number = snapshot.analysis?.survey?.number
      let isNew = number != nil && number != state.survey
      if let number { state.survey = number }
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
    live.describe(&message.state)
    if board.latest == nil { message.state.notice = "Waiting for the first picture." }
    do { return try message.framed([]) } catch {
      Log.warning("a viewer cannot be told the state: \(error)")
      return []
    }
  }

  private func message(_ snapshot: Snapshot, withSurvey: Bool) throws -> [UInt8] {
    var message = WatchMessage(report: live.report(snapshot, settings), state: .init(snapshot, settings))
    live.describe(&message.state)
    message.state.fps["sent"] = state.withLock { $0.rate.rate }
    if withSurvey, let survey = snapshot.analysis?.survey {
      message.state.glow = survey.glow
      if settings.health { message.state.health = survey.health }
    }
    let start = SystemTime().now()
    let payload = try pictures(of: snapshot, &message.state)
    let end = SystemTime().now()
    let encoding = end.seconds(since: start)
    live.loop.spans.note(.encode, seconds: encoding)
    message.report?.add([.encode: encoding, .send: state.withLock { $0.send }])
    message.state.latencyMs = max(0, end.seconds(since: snapshot.frame.captureTime)) * 1e3
    live.latencies.note(message.state.latencyMs)
    return try message.framed(payload)
  }

  private func pictures(of snapshot: Snapshot, _ state: inout WatchMessage.State) throws -> [[UInt8]] {
    var (payload, blobs) = ([[UInt8]](), [WatchMessage.Blob]())
    func add(_ name: String, _ bytes: [UInt8]?) {
      guard let bytes, !bytes.isEmpty else { return }
      payload.append(bytes)
      blobs.append(.init(name: name, type: "image/jpeg", bytes: bytes.count))
    }
    add("picture", try live.pictures.jpeg(snapshot, settings))
    if let mosaic = try MosaicRenderer.mosaic(snapshot, settings) {
      state.layer = mosaic.tiles
      add("mosaic", mosaic.jpeg)
    }
    add("unit", try MosaicRenderer.unit(snapshot, settings))
    if let wish = settings.unitWish { add("unit_explained", try MosaicRenderer.explanation(snapshot, wish)) }
    state.blobs = blobs
    return payload
  }
}

extension LiveViewer {
  /// The report of a frame with as many classes as these settings want; nil where the network has not seen it.
  func report(_ snapshot: Snapshot, _ settings: WatchSettings) -> FrameReport? {
    snapshot.shown(settings).map {
      FrameReport(
        $0, source: loop.sourceName, top: settings.top, isFresh: snapshot.isFresh, timing: snapshot.spans)
    }
  }
}

extension WatchMessage.State {
  /// What these settings ask of the snapshot, beside its report and the pictures.
  init(_ snapshot: Snapshot, _ settings: WatchSettings) {
    outage = snapshot.frame.outage.map { .init($0) }
    guard let analysis = snapshot.analysis else { return }
    if let index = settings.pin, analysis.scores.indices.contains(index) {
      pin = ClassReport(
        ClassScore(label: snapshot.network.classes[index], index: index, confidence: analysis.scores[index]))
    }
    crop = .init(analysis.crop)
    notice = [settings.unitWish, settings.saliency].lazy.compactMap { $0.flatMap { analysis.problems[$0] } }.first
    if let layer = settings.layer.flatMap(analysis.layer), let number = settings.unit {
      unit = UnitState(layer, number)
    }
  }
}
