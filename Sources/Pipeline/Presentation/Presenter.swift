import Frames
import Imaging
import Synchronization
import Telemetry

/// A consumer of what the network said, as data: JSON Lines, NumPy files.
package protocol AnalysisSink: Sink {
  /// Takes the report of one frame. `analysis` is of an earlier frame where the report was not analysed itself.
  func write(_ report: FrameReport, _ analysis: Analysis) throws
}

/// How analysed frames are drawn, and where they are written.
package struct Presentation {
  /// Takes the pictures; nil when only data is wanted.
  package var sink: (any FrameSink)?
  package var layout = PictureLayout.overlay
  package var style = OverlayStyle()
  /// The explanation that is drawn and reported; nil: the first.
  package var explanation: ExplanationWish?
  /// Where the data of the analyses goes.
  package var data: [any AnalysisSink] = []

  package init() {}

  /// All that is written to.
  package var sinks: [any Sink] { (sink.map { [$0] } ?? []) + data }
}

/// Draws and writes frames: the only owner of a composer and its sinks, for files, recordings and streams alike.
package final class Presenter: @unchecked Sendable {
  // Safety: `present` is called by one thread, `open` before it, and the sinks end after it; `pass` only hands
  // packets to the sink, which takes them from any thread.
  private let presentation: Presentation
  private let source: String
  private let clock: any TimeSource
  private var composer: Composer?
  private var canvas: Frame?
  private var hasSaidRoom = false
  private let packetFailed = Atomic<Bool>(false)

  /// - Parameter source: how the user named the frames' source.
  package init(_ presentation: Presentation, source: String, clock: any TimeSource = SystemTime()) {
    (self.presentation, self.source, self.clock) = (presentation, source, clock)
  }

  /// The sink could not take a packet of sound or subtitles.
  package var hasFailed: Bool { packetFailed.load(ordering: .relaxed) }

  /// Prepares for frames of this format. Throws for pixel formats that cannot be drawn on.
  /// - Parameter companions: sound and subtitles, whose packets come through `pass`.
  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {
    guard let sink = presentation.sink else { return }
    if composer?.takes(format) != true { try prepare(format) }
    if let canvas { try sink.open(canvas.format, companions: companions) }
  }

  /// The companion streams that are written, by index, once it is open.
  package var takenCompanions: Set<Int> { presentation.sink?.takenCompanions ?? [] }

  /// How many of so many layers' mosaics the picture has room for.
  package func layersShown(of count: Int) -> Int { composer?.mosaicsShown(of: count) ?? count }

  /// Draws and writes one frame. Frames may change their size or pixel format: the sink keeps to the first ones'.
  /// - Parameters:
  ///   - analysis: nil writes the picture alone.
  ///   - isFresh: the analysis is of this very frame.
  ///   - timing: seconds that the frame's way has taken so far.
  /// - Returns: the seconds that drawing and writing took.
  package func present(
    _ frame: Frame, _ analysis: Analysis?, isFresh: Bool = true, timing: @autoclosure () -> [Span: Double] = [:]
  ) throws -> (compose: Double, encode: Double) {
    let start = clock.now()
    let shown = analysis.map { ShownFrame(frame, $0, explanation(of: $0)) }
    let picture = try compose(frame, shown)
    let drawn = clock.now()
    if let picture { try presentation.sink?.write(picture) }
    let seconds = drawn.seconds(since: start)
    if let shown, !presentation.data.isEmpty {
      let timing = timing().merging([.compose: seconds]) { $1 }
      let report = FrameReport(shown, source: source, isFresh: isFresh, timing: timing)
      for data in presentation.data { try data.write(report, shown.analysis) }
    }
    return (seconds, clock.now().seconds(since: drawn))
  }

  /// Hands on a packet of sound or subtitles, past the pictures. From any one thread.
  package func pass(_ packet: any CompanionPacket) throws {
    do {
      try presentation.sink?.write(packet)
    } catch {
      packetFailed.store(true, ordering: .relaxed)
      throw error
    }
  }

  /// All that is written to; they end together.
  package var sinks: [any Sink] { presentation.sinks }

  private func explanation(of analysis: Analysis) -> Explanation? {
    guard let wish = presentation.explanation else { return analysis.explanations.first }
    return analysis.explanation(wish)
  }

  /// Makes the composer for frames of this format. Throws for pixel formats that cannot be drawn on.
  package func prepare(_ format: FrameFormat) throws {
    guard presentation.sink != nil else { return }
    let composer = try Composer(input: format, layout: presentation.layout, style: presentation.style)
    (self.composer, canvas) = (composer, Frame.allocated(composer.outputFormat))
  }

  private func compose(_ frame: Frame, _ shown: ShownFrame?) throws -> Frame? {
    guard presentation.sink != nil else { return nil }
    if composer?.takes(frame.format) != true { try prepare(frame.format) }
    guard let composer, let canvas else { return nil }
    composer.compose(frame, shown, into: canvas)
    if shown != nil, !hasSaidRoom { sayRoom(composer, frame.format) }
    return canvas
  }

  /// Says once what pictures are too small for.
  private func sayRoom(_ composer: Composer, _ format: FrameFormat) {
    hasSaidRoom = true
    let missing = composer.withoutRoom
    guard !missing.isEmpty else { return }
    let advice = presentation.layout == .below ? "" : "use --layout below, or "
    Log.warning(
      "\(source): pictures of \(format.width)x\(format.height) have no room for the overlays \(missing.joined(separator: ", ")); "
        + "\(advice)make the pictures larger first (ffmpeg -vf scale)")
  }
}
