import Frames
import Imaging
import Inference
import Models
import Telemetry
import Tensors

/// Runs the network on frames, one or several at a time.
final class FrameAnalyzer: @unchecked Sendable {
  // Safety: called from the conveyor's analysis thread only, once that runs.
  private let model: Model
  private let session: Session
  private let preprocessor: Preprocessor
  private let scores: UnsafeBufferPointer<Float>
  private let taps: [TensorView]
  private let clock: any TimeSource
  private let saliency: SaliencyStage?
  private var ranking: TopK
  /// The frames of the next run. As many as the session's batch.
  private var slots: [AnnotationSlot] = []

  /// Frames that one run takes at most.
  let batch: Int

  init(
    model: Model, session: Session, preprocessor: Preprocessor, taps: [String], top: Int,
    saliency: SaliencyStage? = nil, clock: any TimeSource
  ) {
    self.saliency = saliency
    (self.model, self.session, self.preprocessor, self.clock) = (model, session, preprocessor, clock)
    // The plan does not change while the job runs, so neither do its views.
    scores = UnsafeBufferPointer(session.outputs[model.outputIndex].view.floats)
    self.taps = taps.compactMap { session.tap($0) }
    precondition(self.taps.count == taps.count, "the session keeps every tap")
    ranking = TopK(top)
    batch = max(1, session.inputs[0].view.shape[0])
    slots.reserveCapacity(batch)
  }

  /// Makes the network's input from the frame of a slot, which `run` then fills with what the network says about it.
  func add(_ slot: AnnotationSlot) {
    precondition(slots.count < batch, "no more frames than the session takes")
    let start = clock.now()
    let input = session.inputs[0].view.floats
    if let first = input.baseAddress { preprocessor.fill(slot.frame, into: first + input.count / batch * slots.count) }
    slot.analysis.preprocessSeconds = clock.now().seconds(since: start)
    slots.append(slot)
  }

  /// Runs the network on what was added. Where the batch is not full, what is left in it from before is computed in vain.
  func run() throws {
    guard !slots.isEmpty else { return }
    let start = clock.now()
    try session.run()
    for (index, slot) in slots.enumerated() {
      rank(index, into: slot.analysis)
      copyTaps(index, into: slot.analysis)
      if let saliency, let result = slot.analysis.saliency { try saliency.explain(slot.frame, into: result) }
    }
    let end = clock.now()
    for slot in slots {
      slot.analysis.isFresh = true
      slot.analysis.inferenceSeconds = end.seconds(since: start) / Double(slots.count)
    }
    slots.removeAll(keepingCapacity: true)
  }

  private func rank(_ index: Int, into analysis: Analysis) {
    let count = scores.count / batch
    ranking.rank(
      UnsafeBufferPointer(rebasing: scores[index * count..<(index + 1) * count]), activation: model.activation)
    for (position, entry) in ranking.entries.enumerated() {
      analysis.top[position] = ClassScore(
        label: model.labels[entry.index], index: entry.index, confidence: entry.probability)
    }
  }

  private func copyTaps(_ index: Int, into analysis: Analysis) {
    for (view, copy) in zip(taps, analysis.taps) {
      guard let from = view.floats.baseAddress else { continue }
      copy.floats.baseAddress?.update(from: from + index * copy.shape.count, count: copy.shape.count)
    }
  }
}

extension Shape {
  /// [1, C, …] of a batch [N, C, …].
  var picture: Shape { rank > 0 ? Shape([1] + dimensions.dropFirst()) : self }
}
