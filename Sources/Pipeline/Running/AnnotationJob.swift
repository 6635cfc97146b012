import Frames
import Synchronization
import Telemetry

/// What an annotation does beyond its source, network and outputs.
package struct AnnotationOptions: Sendable {
  /// What is wanted of each frame that is analysed.
  package var wishes = Wishes()
  package var every = 1
  /// Frames that may be under way at once, beside those of a batch.
  package var slots = 4

  package init() {}
}

/// One run from a source through the network to files and pipes: every frame is written, with its time stamp.
package final class AnnotationJob: @unchecked Sendable {
  // Safety: `latest` belongs to the thread that delivers; `source` and `presenter` are used as their protocols say; the rest is
  // constant or guarded.
  private let source: any FrameSource
  private let analyst: Analyst
  private let presenter: Presenter
  private let options: AnnotationOptions
  private let clock: any TimeSource
  private let board: ProgressBoard
  /// What the network said last, shown until it says something new.
  private var latest: Analysis?
  private let sourceFailed = Atomic<Bool>(false)
  private let isCancelled = Atomic<Bool>(false)

  /// Prepares the network for the wishes; nothing is read or written yet.
  /// - Throws: a sentence for a wish that cannot be met.
  package init(
    source: any FrameSource, analyst: Analyst, presenter: Presenter, options: AnnotationOptions,
    clock: any TimeSource = SystemTime()
  ) throws {
    (self.source, self.analyst, self.presenter) = (source, analyst, presenter)
    (self.options, self.clock) = (options, clock)
    board = ProgressBoard(classes: analyst.classes)
    try analyst.prepare(options.wishes, for: source.format)
  }

  /// Ends the stream here; what is under way is still finished properly. From any thread.
  package func finishEarly() {
    isCancelled.store(true, ordering: .relaxed)
    source.interrupt()
  }

  /// Runs to the end of the source.
  ///
  /// When the source fails after frames have been written, the outputs are completed with these frames before the
  /// error is thrown; when anything else fails, they keep the names of unfinished files, which the error says.
  /// - Parameter whileWaiting: called on the caller's thread about five times a second.
  package func run(whileWaiting: (JobProgress) -> Void = { _ in }) throws -> JobProgress {
    let flow = FrameFlow(
      source.format, policy: .block, slots: options.slots, gathered: analyst.batch * options.every, clock: clock,
      .init(
        read: { [self] in try read(into: $0) }, look: { [self] in try look(at: $0) },
        deliver: { [self] in try deliver($0) }, wake: { [self] in source.interrupt() }))
    source.onCompanion = { [presenter] in try presenter.pass($0) }
    defer { source.onCompanion = nil }
    do {
      try presenter.open(source.format, companions: source.info.companions)
      source.select(companions: presenter.takenCompanions)
      try flow.run { whileWaiting(board.snapshot) }
      guard board.snapshot.written > 0 else { throw nothingWritten(from: source.info, isInterrupted: isCut) }
      try presenter.sinks.finish(isCut ? .cutShort : .complete)
    } catch {
      throw presenter.sinks.settle(
        after: error, written: board.snapshot.written, isWhole: sourceFailed.load(ordering: .relaxed))
    }
    return board.snapshot
  }

  /// It ended before its source did. A camera has no end of its own.
  private var isCut: Bool { isCancelled.load(ordering: .relaxed) && !source.info.isLive }

  private func look(at slots: [FrameFlow.Slot]) throws {
    guard slots.count > 1 else {
      for slot in slots where isAnalysed(slot.frame) { slot.analysis = try analyst.look(slot.frame, options.wishes) }
      return
    }
    let wanted = slots.filter { isAnalysed($0.frame) }
    try analyst.look(wanted.map(\.frame), options.wishes) { wanted[$0].analysis = $1 }
  }

  private func isAnalysed(_ frame: Frame) -> Bool {
    frame.outage == nil && frame.sequence % UInt64(options.every) == 0
  }

  private func read(into frame: Frame) throws -> Bool {
    guard !isCancelled.load(ordering: .relaxed) else { return false }
    do {
      guard try source.read(into: frame) else { return false }
    } catch {
      // A packet of sound that cannot be written is the sink's failure, which it reports itself.
      sourceFailed.store(!presenter.hasFailed, ordering: .relaxed)
      throw error
    }
    board.update {
      $0.framesIn += 1
      $0.damagedPackets = source.counters.damagedPackets
    }
    return true
  }

  private func deliver(_ slot: FrameFlow.Slot) throws {
    let isFresh = slot.analysis != nil
    if let analysis = slot.analysis {
      latest = analysis
      note(analysis)
    }
    let times = try presenter.present(
      slot.frame, slot.frame.outage == nil ? latest : nil, isFresh: isFresh, timing: [.decode: slot.decodeSeconds])
    board.update {
      $0.written += 1
      $0.add(slot.decodeSeconds, to: .decode)
      $0.add(times.compose, to: .compose)
      $0.add(times.encode, to: .encode)
    }
  }

  private func note(_ analysis: Analysis) {
    board.update {
      $0.analysed += 1
      $0.add(analysis.times.preprocess, to: .preprocess)
      $0.add(analysis.times.inference, to: .inference)
      $0.add(analysis.times.saliency, to: .saliency)
      guard let best = analysis.top.first else { return }
      ($0.topIndex, $0.topConfidence) = (best.index, best.confidence)
      $0.topCounts[best.index] += 1
    }
  }
}
