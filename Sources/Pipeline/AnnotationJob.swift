import Frames
import Imaging
import Inference
import Models
import Synchronization
import Telemetry
import Tensors

/// A consumer of what the network said, as data: JSON Lines, NumPy files.
package protocol AnalysisSink: AnyObject {
  /// Takes the report of one frame, and the tapped layers' values in the order of the taps.
  func write(_ report: FrameReport, taps: [TensorView]) throws
  /// Completes the output and gives it its final name.
  func finish() throws
  /// Gives up: leaves nothing half-written under the final name.
  func abort()
}

/// What an annotation does beyond its source, model and sinks.
package struct AnnotationOptions: Sendable {
  /// Classes in the report and the panel.
  package var top = OverlayStyle().topCount
  /// Analyse every Nth frame.
  package var every = 1
  /// ONNX names of the layers to keep.
  package var taps: [String] = []
  /// Frames that may be under way at once, beside those of a batch.
  package var slots = 4

  /// The defaults.
  package init() {}
}

/// One run from a source through the network to sinks: decode, analyse, present, each on its own thread.
package final class AnnotationJob: @unchecked Sendable {
  // Safety: `source`, `analyzer` and `presenter` are each used by one thread of the conveyor; the rest is constant or
  // guarded.
  private let source: any FrameSource
  private let analyzer: FrameAnalyzer
  private let presenter: FramePresenter
  private let options: AnnotationOptions
  private let clock: any TimeSource
  private let board: ProgressBoard
  private let slots: [AnnotationSlot]
  /// Frames that the analysis waits for: as many as hold a full batch of those that are analysed.
  private let gathered: Int
  private let sourceFailed = Atomic<Bool>(false)
  private let isCancelled = Atomic<Bool>(false)

  /// Prepares everything; nothing is read or written yet.
  /// - Parameters:
  ///   - session: keeps the taps of `options`. Its batch is how many frames are analysed at a time.
  ///   - saliency: made for this session, whose batch is then 1.
  package init(
    source: any FrameSource, model: Model, session: Session, presentation: Presentation,
    options: AnnotationOptions, saliency: SaliencyStage? = nil, clock: any TimeSource = SystemTime()
  ) throws {
    let batch = max(1, session.inputs[0].view.shape[0])
    precondition(batch == 1 || saliency == nil, "maps are made one by one")
    let scores = session.outputs[model.outputIndex].view.shape.count / batch
    let taps = options.taps.map { session.tap($0)?.shape.picture ?? [] }
    let top = min(max(options.top, 1), scores)
    let preprocessor = try Preprocessor(format: source.format, transform: model.transform)
    analyzer = FrameAnalyzer(
      model: model, session: session, preprocessor: preprocessor, taps: options.taps, top: top, saliency: saliency,
      clock: clock)
    func analysis() -> Analysis { Analysis(top: top, taps: taps, saliency: saliency?.makeResult()) }
    presenter = FramePresenter(
      presentation, source: source, analysis: analysis(), saliency: saliency, placement: preprocessor.placement,
      clock: clock)
    gathered = analyzer.batch * options.every
    slots = (0..<options.slots + gathered - 1).map { _ in
      AnnotationSlot(frame: Frame(source.format), analysis: analysis())
    }
    board = ProgressBoard(classes: scores)
    (self.source, self.options, self.clock) = (source, options, clock)
  }

  /// The progress so far; from any thread.
  package var progress: JobProgress { board.snapshot }

  /// Ends the stream here; what is under way is still finished properly. From any thread.
  package func finishEarly() {
    isCancelled.store(true, ordering: .relaxed)
    source.interrupt()
  }

  /// Runs to the end of the source.
  ///
  /// When the source fails after frames have been written, the outputs are completed with these frames before the
  /// error is thrown; when anything else fails, the outputs are removed.
  /// - Parameter whileWaiting: called on the caller's thread about five times a second.
  package func run(whileWaiting: (JobProgress) -> Void = { _ in }) throws -> JobProgress {
    let conveyor = Conveyor<AnnotationSlot>(
      slots: slots, policy: .block,
      produce: { [self] slot in try read(into: slot) },
      stages: [
        .init("analyse", batch: gathered) { [self] slots in try analyse(slots) },
        .init("present") { [self] slot in try present(slot) },
      ],
      onFailure: { [self] in source.interrupt() })
    do {
      try presenter.open()
      try conveyor.run { whileWaiting(board.snapshot) }
      guard board.snapshot.written > 0 else {
        throw UserError("\(source.info.name) gave no frame before its end, so nothing was written")
      }
      try presenter.finish()
    } catch {
      try settle(after: error)
      throw error
    }
    board.update { $0.dropped = conveyor.drops.reduce(0, +) }
    return board.snapshot
  }

  private func settle(after error: any Error) throws {
    guard sourceFailed.load(ordering: .relaxed), board.snapshot.written > 0 else { return presenter.abort() }
    do { try presenter.finish() } catch { presenter.abort() }
  }

  private func read(into slot: AnnotationSlot) throws -> Bool {
    guard !isCancelled.load(ordering: .relaxed) else { return false }
    let start = clock.now()
    do {
      guard try source.read(into: slot.frame) else { return false }
    } catch {
      // A companion packet that cannot be written is the sink's failure, which it reports itself.
      sourceFailed.store(!presenter.hasFailed, ordering: .relaxed)
      throw error
    }
    slot.decodeSeconds = clock.now().seconds(since: start)
    slot.analysis.isFresh = false
    board.update {
      $0.framesIn += 1
      $0.damagedPackets = source.counters.damagedPackets
      $0.seconds[Stage.decode.rawValue] += slot.decodeSeconds
    }
    return true
  }

  private func analyse(_ slots: [AnnotationSlot]) throws {
    for slot in slots where slot.frame.sequence % UInt64(options.every) == 0 { analyzer.add(slot) }
    try analyzer.run()
    for slot in slots where slot.analysis.isFresh { note(slot.analysis) }
  }

  private func note(_ analysis: Analysis) {
    board.update {
      $0.analysed += 1
      $0.seconds[Stage.preprocess.rawValue] += analysis.preprocessSeconds
      $0.seconds[Stage.inference.rawValue] += analysis.inferenceSeconds
      $0.topIndex = analysis.top[0].index
      $0.topConfidence = analysis.top[0].confidence
      $0.topCounts[analysis.top[0].index] += 1
    }
  }

  private func present(_ slot: AnnotationSlot) throws {
    let times = try presenter.present(slot)
    board.update {
      $0.written += 1
      $0.seconds[Stage.compose.rawValue] += times.compose
      $0.seconds[Stage.encode.rawValue] += times.encode
    }
  }
}
