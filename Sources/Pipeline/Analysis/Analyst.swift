import Explanations
import Frames
import Imaging
import Inference
import Models
import Synchronization
import Telemetry
import Tensors

/// Where frames meet a network: the only place that fills the network's input, runs it and keeps what callers wish for.
///
/// One forward pass answers all wishes. The first explanation shares it; explanations with the pace `beside`, and the survey of all
/// layers, have sessions and threads of their own, and no frame waits for them.
package final class Analyst: @unchecked Sendable {
  // Safety: what changes is touched under `turn`.

  /// The network with its labels and preprocessing.
  package let model: Model
  /// Its layers, in the order of computation.
  package let summary: GraphSummary
  /// Frames that one run takes at most.
  package let batch: Int
  let explained: ExplainedNetwork
  let session: Session
  /// The network for one picture, for sessions that look at one at a time.
  let network: CompiledNetwork
  /// Counts the explanations and surveys that have become ready beside the frames.
  let newsCount = NewsCount()
  private let turn = Mutex(())
  private let clock: any TimeSource
  private let facts: NetworkFacts
  private var preprocessor: Preprocessor?
  private var format: FrameFormat?
  private var wishes: Wishes?
  private var followers = LayerFollowers()
  private(set) var explanations: ExplanationSet
  private var survey: SideTask<SurveyResult>?
  private var ranking = TopK(0)
  private var hasWarned = false
  private var analyses = ReusePool<Analysis>()
  private var inputs = ReusePool<TensorStorage>()
  private var still = StillPicture()

  /// - Parameters:
  ///   - network: compiled from the model's graph; analysts of several sources may share it.
  ///   - batch: frames that one run takes.
  package init(
    _ model: Model, _ network: CompiledNetwork, batch: Int = 1, clock: any TimeSource = SystemTime()
  ) throws {
    (self.model, self.network, self.batch, self.clock) = (model, network, batch, clock)
    session = try network.batched(batch).session()
    explained = try ExplainedNetwork(model.graph, output: model.outputIndex, scores: model.scores)
    summary = GraphSummary(model.graph)
    facts = NetworkFacts(name: model.name, scoresAreProbabilities: model.scoresAreProbabilities)
    explanations = ExplanationSet()
  }

  deinit {
    explanations.stop()
    survey?.stop()
  }

  package var classes: Int { explained.classes }

  /// Channels, rows and columns of a layer; nil for a name that the network does not have.
  package func extent(of layer: String) -> SpatialExtent? { explained.layout(of: layer)?.extent }

  /// Gets ready for these wishes and frames of this format.
  /// - Throws: a sentence for the first wish that cannot be met.
  package func prepare(_ wishes: Wishes, for format: FrameFormat) throws {
    try turn.withLock { _ in
      try prepare(format)
      try arrange(wishes)
      if let name = wishes.layers.first(where: { followers[$0] == nil }) {
        throw UserError("the model has no layer '\(name)'\(suggestion(for: name, among: summary.layers.map(\.value)))")
      }
      if let failure = explanations.failures.first { throw failure.error }
    }
  }

  /// Where the network's input lies on pictures of the format that was prepared last.
  package var placement: InputPlacement? { turn.withLock { _ in preprocessor?.placement } }

  /// A number that grows when an explanation or a survey that was made beside the frames has become ready.
  package var news: Int { newsCount.value }

  /// Ends the work beside the frames, until there are wishes for it again.
  package func rest() {
    turn.withLock { _ in
      guard explanations.hasSideTasks || survey != nil else { return }
      explanations.stop()
      survey?.stop()
      (wishes, survey, explanations) = (nil, nil, ExplanationSet())
    }
  }

  /// What the network makes of a frame. From any thread; callers take turns. Wishes that cannot be met are among the analysis' problems.
  package func look(_ frame: Frame, _ wishes: Wishes) throws -> Analysis {
    var result: Analysis?
    try turn.withLock { _ in try lookAll(CollectionOfOne(frame), wishes) { result = $1 } }
    guard let result else { preconditionFailure("one analysis for each frame") }
    return result
  }

  /// The same, unless the frame shows what the last one did that this function let the network see: then nil.
  package func look(_ frame: Frame, _ wishes: Wishes, unless gate: StillGate) throws -> Analysis? {
    try turn.withLock { _ in
      try prepare(frame.format)
      let input = UnsafeBufferPointer(session.inputs[0].view.floats)
      fill(frame, at: 0)
      let now = clock.now()
      if still.equals(input, model.transform, wishes, news: news, at: now, by: gate) { return nil }
      still.keep(input, wishes, news: news, at: now)
      var result: Analysis?
      try lookAll(CollectionOfOne(frame), wishes, isFilled: true) { result = $1 }
      return result
    }
  }

  /// What the network makes of several frames of one format, at most `batch`, in one run.
  /// - Parameter take: is given the frame's position and its analysis.
  package func look(_ frames: [Frame], _ wishes: Wishes, take: (Int, Analysis) -> Void) throws {
    try turn.withLock { _ in try lookAll(frames, wishes, take) }
  }

  private func lookAll(
    _ frames: some FrameList, _ wishes: Wishes, isFilled: Bool = false, _ take: (Int, Analysis) -> Void
  ) throws {
    guard let first = frames.first else { return }
    precondition(frames.count <= batch, "no more frames than the session takes")
    try prepare(first.format)
    try arrange(wishes)
    let start = clock.now()
    if !isFilled { for index in frames.indices { fill(frames[index], at: index) } }
    let filled = clock.now()
    try session.run()
    let ran = clock.now()
    let share = 1 / Double(frames.count)
    for index in frames.indices {
      let began = clock.now()
      let analysis = try analysis(of: frames[index], at: index, wishes)
      analysis.times.preprocess = filled.seconds(since: start) * share
      analysis.times.inference = ran.seconds(since: filled) * share
      analysis.times.saliency = clock.now().seconds(since: began)
      take(index, analysis)
    }
  }

  private func prepare(_ format: FrameFormat) throws {
    guard format != self.format else { return }
    preprocessor = try Preprocessor(format: format, transform: model.transform)
    self.format = format
  }

  /// Gets ready for other wishes. Statistics of layers that are still wanted go on.
  private func arrange(_ wishes: Wishes) throws {
    guard wishes != self.wishes else { return }
    self.wishes = wishes
    if ranking.limit != min(wishes.top, classes) { ranking = TopK(min(wishes.top, classes)) }
    let fields = Dictionary(summary.layers.map { ($0.value, $0.receptiveField) }) { first, _ in first }
    followers.follow(wishes.layers) { name in
      explained.layout(of: name).map {
        LayerFollower(name, $0, field: fields[name].flatMap { $0 }, transform: model.transform)
      }
    }
    // A viewer may still wish for layers of the network that was replaced by this one.
    let layers = wishes.layers.filter { followers[$0] != nil }
    try explanations.arrange(wishes.explanations, keeping: layers, by: self)
    if !wishes.survey { survey?.stop() }
    survey =
      wishes.survey
      ? survey ?? SideTask(surveying: summary.layers, of: explained, news: newsCount, by: network) : nil
  }

  private func fill(_ frame: Frame, at index: Int) {
    let input = session.inputs[0].view.floats
    if let first = input.baseAddress { preprocessor?.fill(frame, into: first + input.count / batch * index) }
  }

  private func analysis(of frame: Frame, at index: Int, _ wishes: Wishes) throws -> Analysis {
    let analysis = analyses.take { Analysis(network: facts) }
    analysis.news = news
    if analysis.wishes != wishes { analysis.wishes = wishes }
    if let preprocessor { (analysis.placement, analysis.crop) = (preprocessor.placement, preprocessor.crop) }
    rank(index, into: analysis)
    keepLayers(of: frame, at: index, into: analysis)
    analysis.input = wishes.input || explanations.hasSideTasks || survey != nil ? keptInput(index) : nil
    try explanations.explain(frame, into: analysis, by: self)
    if let survey, let input = analysis.input { survey.offer(SidePicture(frame, input)) }
    analysis.survey = survey?.latest
    return analysis
  }

  private func rank(_ index: Int, into analysis: Analysis) {
    let all = session.output(model.outputIndex).floats
    let count = all.count / batch
    let scores = UnsafeBufferPointer(rebasing: all[index * count..<(index + 1) * count])
    if analysis.scores.count != count { analysis.scores = Array(repeating: 0, count: count) }
    analysis.scores.withUnsafeMutableBufferPointer { model.activation.apply(scores, into: $0) }
    ranking.rank(scores)
    analysis.brokenScores = scores.count { $0.isNaN || $0 == .infinity }
    if let sentence = analysis.brokenScoresSentence {
      analysis.top.removeAll(keepingCapacity: true)
      if !hasWarned { Log.warning(sentence) }
      hasWarned = true
      return
    }
    if analysis.top.count != ranking.indices.count {
      analysis.top = ranking.indices.map { _ in ClassScore(label: "", index: -1, confidence: 0) }
    }
    for (position, index) in ranking.indices.enumerated() {
      analysis.top[position] = ClassScore(
        label: model.labels[index], index: index, confidence: analysis.scores[index])
    }
  }

  private func keepLayers(of frame: Frame, at index: Int, into analysis: Analysis) {
    analysis.layers.removeAll(keepingCapacity: true)
    guard let wishes else { return }
    let input = wishes.collectsPatches ? inputStart(index) : nil
    for name in wishes.layers {
      guard let follower = followers[name], let view = session.tap(name), let values = view.floats.baseAddress else {
        continue
      }
      analysis.layers.append(
        follower.take(
          values + view.shape.count / batch * index, of: frame, patchesFrom: input.map { UnsafePointer($0) }))
    }
  }

  private func inputStart(_ index: Int) -> UnsafeMutablePointer<Float>? {
    let input = session.inputs[0].view.floats
    return input.baseAddress.map { $0 + input.count / batch * index }
  }

  private func keptInput(_ index: Int) -> Tensor? {
    guard let from = inputStart(index) else { return nil }
    let shape = session.inputs[0].view.shape.picture
    let kept = Tensor(.float32, shape, inputs.take { TensorStorage(byteCount: 4 * shape.count) })
    kept.start.update(from: from, count: shape.count)
    return kept
  }
}

/// One frame or several, by their positions from 0 on.
private protocol FrameList: RandomAccessCollection where Element == Frame, Index == Int {}
extension CollectionOfOne<Frame>: FrameList {}
extension [Frame]: FrameList {}

extension SidePicture {
  init(_ frame: Frame, _ input: Tensor) {
    self.init(input: input, frame: frame.sequence, seconds: frame.seconds)
  }
}

extension Shape {
  /// [1, C, …] of a batch [N, C, …].
  var picture: Shape { rank > 0 ? Shape([1] + dimensions.dropFirst()) : self }
}
