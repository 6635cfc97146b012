import Explanations
import Inference
import Models
import Tensors

extension SideTask where Result == Explanation {
  /// Explains the newest picture again and again, in a session of its own.
  convenience init(
    explaining wish: ExplanationWish, of model: Model, _ network: ExplainedNetwork, news: NewsCount,
    by compiled: CompiledNetwork
  ) {
    self.init("explain", news: news) { isStopped in
      let session = try compiled.session(pool: ThreadPool(threads: 1))
      let maker = try ExplanationMaker(
        wish, of: model, network, in: session, isCancelled: isStopped)
      return { picture in
        try session.run(on: picture.input)
        return try maker.make(frame: picture.frame, seconds: picture.seconds)
      }
    }
  }
}

extension SideTask where Result == SurveyResult {
  /// Looks at all layers at most twice a second, in a fiftieth of the time.
  convenience init(
    surveying layers: [LayerSummary], of network: ExplainedNetwork, news: NewsCount,
    by compiled: CompiledNetwork
  ) {
    self.init("survey", news: news, pause: 0.5, share: 0.02) { _ in
      let survey = try Survey(layers, of: network, in: compiled.session(pool: ThreadPool(threads: 1)))
      return { try survey.look(at: $0.input) }
    }
  }
}

extension Session {
  /// Computes the outputs and taps from a copy of this input.
  func run(on input: Tensor) throws {
    inputs[0].view.floats.baseAddress?.update(from: input.start, count: input.shape.count)
    try run()
  }
}
