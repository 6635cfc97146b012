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
    (self.settings, self.live) = (settings, live)
    watcher = live.board.join(settings)
  }

  func close() { live.board.leave(watcher) }

  func left(after seconds: Double) { live.loop.spans.note(.send, seconds: seconds) }

  func next() -> [UInt8]? {
    guard !live.board.isOver else { return nil }
    let before = last.withLock { $0 }
    guard let snapshot = live.board.next(after: before) else { return [] }
    live.loop.unsent.note(from: before, to: snapshot.number)
    last.withLock { $0 = snapshot.number }
    do {
      let start = SystemTime().now()
      let jpeg = try live.pictures.jpeg(snapshot, settings)
      let end = SystemTime().now()
      live.loop.spans.note(.encode, seconds: end.seconds(since: start))
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
  }
  private let live: LiveViewer
  private let settings: WatchSettings
  private let watcher: Int
  private let state = Mutex(State())

  /// A watcher of these settings, until `close`.
  init(_ settings: WatchSettings, live: LiveViewer) {
    var settings = settings
    settings.overlays = []
    settings = settings.pictureOnly
    (self.settings, self.live) = (settings, live)
    watcher = live.board.join(settings)
  }

  func close() { live.board.leave(watcher) }

  func next() -> [UInt8]? {
    let clock = SystemTime()
    if let sent = state.withLock({ $0.sent }) { clock.sleep(until: sent.advanced(bySeconds: 0.1)) }
    guard !live.board.isOver else { return nil }
    guard let snapshot = live.board.next(after: state.withLock { $0.last }) else { return Array(": waiting\n\n".utf8) }
    let isNews = state.withLock { state in
      (state.last, state.sent) = (snapshot.number, clock.now())
      defer { state.outage = snapshot.frame.outage?.reason }
      return state.outage != snapshot.frame.outage?.reason
    }
    do {
      if let outage = snapshot.frame.outage {
        return isNews ? try event("outage", ["reason": outage.reason]) : []
      }
      return try live.report(snapshot, settings).map { try event("top", $0) } ?? []
    } catch {
      Log.warning("an event cannot be sent: \(error)")
      return []
    }
  }

  private func event(_ name: String, _ value: some Encodable) throws -> [UInt8] {
    Array("event: \(name)\ndata: ".utf8) + Array(try JSONText.data(value)) + Array("\n\n".utf8)
  }
}
