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
        session.inputs[0].view.floats.baseAddress?.update(from: picture.input.start, count: picture.input.shape.count)
        try session.run()
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
