import Frames
import Imaging
import Inference
import Models
import Telemetry
import Tensors

/// Runs the network on frames.
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
  }

  /// Fills `analysis` with what the network says about the frame.
  func analyse(_ frame: Frame, into analysis: Analysis) throws {
    let start = clock.now()
    guard let input = session.inputs[0].view.floats.baseAddress else { return }
    preprocessor.fill(frame, into: input)
    let ready = clock.now()
    try session.run()
    rank(into: analysis)
    copyTaps(into: analysis)
    if let saliency, let result = analysis.saliency { try saliency.explain(frame, into: result) }
    let end = clock.now()
    analysis.isFresh = true
    analysis.preprocessSeconds = ready.seconds(since: start)
    analysis.inferenceSeconds = end.seconds(since: ready)
    frame.stamps.analysed = end
  }

  private func rank(into analysis: Analysis) {
    ranking.rank(scores, activation: model.activation)
    for (position, entry) in ranking.entries.enumerated() {
      analysis.top[position] = ClassScore(
        label: model.labels[entry.index], index: entry.index, confidence: entry.probability)
    }
  }

  private func copyTaps(into analysis: Analysis) {
    for (view, copy) in zip(taps, analysis.taps) {
      copy.floats.baseAddress?.update(from: view.floats.baseAddress!, count: copy.shape.count)
    }
  }
}
