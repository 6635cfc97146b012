import Foundation
import Synchronization
import Telemetry

/// The picture as a stream of JPEGs: what VLC, Home Assistant and an `<img>` show.
final class MJPEGStream: HTTPStream {
  static let boundary = "fovea-frame"
  private let live: LiveViewer
  private let settings: WatchSettings
  private let watcher: Int
  private let last = Mutex<UInt64>(0)

  /// A watcher of these settings, until `close`.
  init(_ settings: WatchSettings, live: LiveViewer) {
    var settings = settings
    (settings.layer, settings.unit, settings.survey) = (nil, nil, false)
    (self.settings, self.live) = (settings, live)
    watcher = live.hub.join(settings)
  }

  func close() { live.hub.leave(watcher) }

  func left(after milliseconds: Double) { live.loop.stages.note(.send, milliseconds) }

  func next() -> [UInt8]? {
    guard !live.hub.isOver else { return nil }
    let before = last.withLock { $0 }
    guard let snapshot = live.hub.next(after: before) else { return [] }
    live.unsent.note(from: before, to: snapshot.number)
    last.withLock { $0 = snapshot.number }
    do {
      let start = SystemTime().now()
      let jpeg = try live.pictures.jpeg(snapshot, settings)
      let end = SystemTime().now()
      live.loop.stages.note(.encode, end.seconds(since: start) * 1e3)
      live.latencies.note(max(0, end.seconds(since: snapshot.frame.captureTime)) * 1e3)
      let head = "--\(Self.boundary)\r\nContent-Type: image/jpeg\r\nContent-Length: \(jpeg.count)\r\n\r\n"
      return Array(head.utf8) + jpeg + [13, 10]
    } catch {
      Log.warning("a frame cannot be sent: \(error)")
      return []
    }
  }
}

/// What the network says, as server-sent events: at most ten a second.
final class EventStream: HTTPStream {
  private struct State {
    var last: UInt64 = 0
    var sent: MonotonicTime?
    var outage: String?
    var pings = 0
  }
  private let live: LiveViewer
  private let settings: WatchSettings
  private let watcher: Int
  private let state = Mutex(State())

  /// A watcher of these settings, until `close`.
  init(_ settings: WatchSettings, live: LiveViewer) {
    var settings = settings
    (settings.layer, settings.unit, settings.saliency, settings.survey) = (nil, nil, nil, false)
    (self.settings, self.live) = (settings, live)
    watcher = live.hub.join(settings)
  }

  func close() { live.hub.leave(watcher) }

  func next() -> [UInt8]? {
    let clock = SystemTime()
    if let sent = state.withLock({ $0.sent }) { clock.sleep(until: sent.advanced(bySeconds: 0.1)) }
    guard !live.hub.isOver else { return nil }
    guard let snapshot = live.hub.next(after: state.withLock { $0.last }) else { return Array(": waiting\n\n".utf8) }
    let isNews = state.withLock { state in
      (state.last, state.sent) = (snapshot.number, clock.now())
      defer { state.outage = snapshot.frame.outage?.reason }
      return state.outage != snapshot.frame.outage?.reason
    }
    do {
      if let outage = snapshot.frame.outage {
        return isNews ? try event("outage", ["reason": outage.reason]) : []
      }
      return try event("top", TopReport(snapshot, count: settings.top))
    } catch {
      return []
    }
  }

  private func event(_ name: String, _ value: some Encodable) throws -> [UInt8] {
    Array("event: \(name)\ndata: ".utf8) + Array(try LiveJSON.data(value)) + Array("\n\n".utf8)
  }
}
