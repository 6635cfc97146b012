import Frames
import Imaging
import Synchronization
import Telemetry
import Tensors

/// Draws what the network said about a frame.
package protocol FramePainter: AnyObject {
  /// The format of the canvas.
  var outputFormat: FrameFormat { get }
  /// Copies the picture to the canvas and draws on it. Called by one thread.
  func paint(_ frame: Frame, _ analysis: Analysis, onto canvas: Frame)
}

/// What becomes of an analysed frame.
package struct Presentation {
  /// Draws; nil when no picture is wanted.
  package var painter: (any FramePainter)?
  /// Takes the pictures; nil when only data is wanted.
  package var sink: (any FrameSink)?
  /// Take the data.
  package var data: [any AnalysisSink]

  /// All of it at once.
  package init(painter: (any FramePainter)?, sink: (any FrameSink)?, data: [any AnalysisSink]) {
    (self.painter, self.sink, self.data) = (painter, sink, data)
  }

  /// Gives up: leaves nothing half-written.
  package func abort() {
    sink?.abort()
    for data in data { data.abort() }
  }
}

/// Draws and writes frames; the last stage.
final class FramePresenter: @unchecked Sendable {
  // Safety: `present` is called from one thread of the conveyor; `open`, `finish` and `abort` before and after it runs.
  private let presentation: Presentation
  private let source: any FrameSource
  private let canvas: Frame?
  private let clock: any TimeSource
  private let placement: InputPlacement
  private let companionFailed = Atomic<Bool>(false)
  /// What the network said last, shown until it says something new.
  private var latest: Analysis
  private var report = FrameReport(
    frame: 0, pts: nil, timestamp: nil, top: [], analysed: false,
    timing: [("decode", 0), ("preprocess", 0), ("inference", 0), ("compose", 0)])

  init(
    _ presentation: Presentation, source: any FrameSource, analysis: Analysis, saliency: SaliencyStage? = nil,
    placement: InputPlacement, clock: any TimeSource
  ) {
    (self.presentation, self.source, latest, self.clock) = (presentation, source, analysis, clock)
    self.placement = placement
    report.saliency = saliency.map { SaliencyReport(method: $0.method, layer: $0.layer) }
    canvas = presentation.painter.map { Frame.allocated($0.outputFormat) }
  }

  /// The sink could not take a packet of sound or subtitles.
  var hasFailed: Bool { companionFailed.load(ordering: .relaxed) }

  func open() throws {
    guard let sink = presentation.sink else { return }
    try sink.open(canvas?.format ?? source.format, companions: source.info.companions)
    source.onCompanion = { [self] packet in
      do {
        try sink.write(packet)
      } catch {
        companionFailed.store(true, ordering: .relaxed)
        throw error
      }
    }
  }

  /// Draws and writes one frame. Returns the seconds that both took.
  func present(_ slot: AnnotationSlot) throws -> (compose: Double, encode: Double) {
    let isFresh = slot.analysis.isFresh
    if isFresh { swap(&latest, &slot.analysis) }
    let start = clock.now()
    let picture = compose(slot.frame)
    let drawn = clock.now()
    try presentation.sink?.write(picture)
    try writeData(slot, isFresh: isFresh, compose: drawn.seconds(since: start))
    let end = clock.now()
    return (drawn.seconds(since: start), end.seconds(since: drawn))
  }

  func finish() throws {
    source.onCompanion = nil
    try presentation.sink?.finish()
    for data in presentation.data { try data.finish() }
  }

  func abort() {
    source.onCompanion = nil
    presentation.abort()
  }

  private func compose(_ frame: Frame) -> Frame {
    guard let painter = presentation.painter, let canvas else { return frame }
    painter.paint(frame, latest, onto: canvas)
    canvas.copyProperties(from: frame)
    return canvas
  }

  private func writeData(_ slot: AnnotationSlot, isFresh: Bool, compose: Double) throws {
    guard !presentation.data.isEmpty else { return }
    (report.frame, report.pts, report.timestamp) = (slot.frame.sequence, slot.frame.pts, slot.frame.seconds)
    report.analysed = isFresh
    report.top = latest.top
    if let saliency = latest.saliency { fill(saliency) }
    report.timing[0].milliseconds = slot.decodeSeconds * 1e3
    report.timing[1].milliseconds = isFresh ? latest.preprocessSeconds * 1e3 : 0
    report.timing[2].milliseconds = isFresh ? latest.inferenceSeconds * 1e3 : 0
    report.timing[3].milliseconds = compose * 1e3
    for data in presentation.data { try data.write(report, taps: latest.taps) }
  }

  /// Carries peak and box from the network's input to the picture.
  private func fill(_ result: SaliencyResult) {
    let (width, height) = (Double(source.format.width), Double(source.format.height))
    func clamp(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
      (min(max(point.x, 0), width), min(max(point.y, 0), height))
    }
    let peak = clamp(placement.point(result.peak.u, result.peak.v))
    let first = clamp(placement.point(result.box.u, result.box.v))
    let last = clamp(placement.point(result.box.u + result.box.width, result.box.v + result.box.height))
    report.saliency?.target = result.target
    report.saliency?.peak = peak
    report.saliency?.box = (first.x, first.y, last.x - first.x, last.y - first.y)
  }
}
