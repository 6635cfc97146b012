import Frames
import Imaging
import Pipeline
import Telemetry

/// A frame of a live source with what is known of it, for code beside the viewer: rules, logs, metrics.
package struct LiveMoment: Sendable {
  let snapshot: Snapshot
  let settings: WatchSettings
  private let viewer: LiveViewer

  init(_ snapshot: Snapshot, _ settings: WatchSettings, _ viewer: LiveViewer) {
    (self.snapshot, self.settings, self.viewer) = (snapshot, settings, viewer)
  }

  package var frame: Frame { snapshot.frame }
  /// Nil while the source is lost.
  package var analysis: Analysis? { snapshot.analysis }
  /// The analysis is of this very frame.
  package var isFresh: Bool { snapshot.isFresh }
  package var explanation: Explanation? { settings.saliency.flatMap { snapshot.analysis?.explanation($0) } }
  /// A line of JSON Lines; nil while the source is lost.
  package var report: FrameReport? { viewer.report(snapshot, settings) }

  /// The picture as a JPEG.
  /// - Parameters:
  ///   - overlays: names of what is drawn on it.
  ///   - width: in pixels, at most.
  package func jpeg(overlays: Set<String>, width: Int = LiveMoment.jpegWidth) throws -> [UInt8] {
    var settings = settings
    (settings.overlays, settings.width) = (overlays, width)
    return try viewer.pictures.jpeg(snapshot, settings)
  }

  package static let jpegWidth = 1920

  /// The picture as a JPEG with the classes and this heat on it; with the classes alone where there is none.
  package func jpeg(explaining explained: (analysis: Analysis, explanation: Explanation)?) throws -> [UInt8] {
    var settings = settings
    (settings.overlays, settings.width) = (LiveViewer.pictureOverlays, Self.jpegWidth)
    settings.saliency = explained?.explanation.wish
    let other = Snapshot(
      frame: frame, analysis: explained?.analysis ?? analysis, network: snapshot.network, waited: [:], isFresh: isFresh)
    return try viewer.pictures.jpeg(other, settings)
  }
}

extension LiveViewer {
  /// Why there is no picture now, as a sentence without its full stop; nil while there is one.
  package var outage: String? { loop.numbers.outage?.reason }

  /// Seconds since the frame loop last read and delivered a frame, or a dark picture: the longer of both. 0 while it is paused, or
  /// has not begun.
  package var secondsSinceBeat: Double {
    let beats = loop.latestBeats
    guard !loop.isStill, let read = beats.read else { return 0 }
    let oldest = min(read, beats.delivered ?? read)
    return SystemTime().now().seconds(since: oldest)
  }

  package var sourceName: String { loop.sourceName }
  package var modelName: String { loop.network.name }
  package var format: FrameFormat { loop.format }
  /// A file of the page, which other pages may use too.
  package static func pageFile(_ path: String) -> HTTPResponse? { PageFiles.response(for: path) }

  /// Hands each new moment to `body`, the newest where it is slow, until it returns false or the viewer ends. On the caller's thread.
  /// - Parameters:
  ///   - top: how many classes are wanted.
  ///   - layer: whose values are wanted.
  ///   - body: is given nil about twice a second while nothing new comes.
  package func follow(top: Int, layer: String?, _ body: (LiveMoment?) -> Bool) {
    var settings = defaults
    (settings.top, settings.layer, settings.survey) = (max(top, settings.top), layer, false)
    settings.collectsPatches = false
    let watcher = board.join(settings)
    defer { board.leave(watcher) }
    var last: UInt64 = 0
    while !board.isOver {
      let snapshot = board.next(after: last)
      if let snapshot { last = snapshot.number }
      guard body(snapshot.map { LiveMoment($0, settings, self) }) else { return }
    }
  }

  /// What became of the frames so far.
  package var ledger: FrameLedger { loop.numbers.frames }

  /// The layer with positions that is nearest to the output: the one whose units say most of a class. Nil where there is none.
  package var deepestLayer: String? {
    let wide = loop.network.layers.filter { $0.watchable && $0.height * $0.width > 1 }
    return (wide.last { $0.kind == .convolution || $0.kind == .activation || $0.kind == .join } ?? wide.last)?.value
  }

  /// The model's classes, in the order of its output.
  package var classes: [String] { loop.network.classes }
}
