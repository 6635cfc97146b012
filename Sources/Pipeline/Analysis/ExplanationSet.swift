import Explanations
import Frames
import Inference

/// The explanations that are wanted at present, each with what makes it.
///
/// The first one shares the pass that sees the frame. Of those that every frame waits for, the others take turns in a second session;
/// those with the pace `beside` have threads of their own, unless one of them is quick and the shared pass is free.
struct ExplanationSet {
  private enum Maker {
    /// In the session that sees the frames.
    case shared(ExplanationMaker)
    /// In the second session, prepared anew for each frame where several take turns.
    case inTurn
    case beside(SideTask<Explanation>)

    var isShared: Bool { if case .shared = self { true } else { false } }
    var isInTurn: Bool { if case .inTurn = self { true } else { false } }
    var isBeside: Bool { if case .beside = self { true } else { false } }
  }

  private var makers: [(wish: ExplanationWish, maker: Maker)] = []
  /// The layers that the shared session keeps.
  private var layers: [String]?
  /// Wishes that cannot be met.
  private(set) var failures: [(wish: ExplanationWish, error: any Error)] = []
  private var turns: (session: Session, maker: ExplanationMaker?)?

  /// Explanations beside the frames at a time.
  private static let mostBeside = 6

  /// There is work beside the frames.
  private(set) var hasSideTasks = false

  /// Gets ready for other wishes; equal ones are met once. Makers of what is still wanted stay, with what they have followed so far.
  mutating func arrange(_ wishes: [ExplanationWish], keeping layers: [String], by analyst: Analyst) throws {
    let old = makers
    (makers, failures, turns) = ([], [], nil)
    let shared = wishes.first { $0.pace == .everyFrame } ?? wishes.first { Self.isQuick($0) }
    let known = layers == self.layers ? old.first { $0.maker.isShared } : nil
    let isKnown = known != nil && known?.wish == shared
    if !isKnown { try analyst.session.setTaps(layers) }
    self.layers = layers
    for wish in wishes where !makers.contains(where: { $0.wish == wish }) {
      do {
        if wish == shared {
          let maker = isKnown ? known?.maker : nil
          makers.append((wish, try maker ?? .shared(Self.sharedMaker(wish, keeping: layers, by: analyst))))
        } else if wish.pace == .everyFrame {
          makers.append((wish, .inTurn))
        } else {
          makers.append((wish, .beside(try sideTask(wish, old, by: analyst))))
        }
      } catch {
        if wish == shared { try analyst.session.setTaps(layers) }
        failures.append((wish, error))
      }
    }
    for case (let wish, .beside(let task)) in old where !isBeside(wish) { task.stop() }
    hasSideTasks = makers.contains { $0.maker.isBeside }
  }

  func stop() {
    for case .beside(let task) in makers.map(\.maker) { task.stop() }
  }

  /// Explains the frame that the analyst's session has seen.
  mutating func explain(_ frame: Frame, into analysis: Analysis, by analyst: Analyst) throws {
    analysis.explanations.removeAll(keepingCapacity: true)
    if !analysis.problems.isEmpty || !failures.isEmpty {
      analysis.problems = Dictionary(failures.map { ($0.wish, "\($0.error)") }) { first, _ in first }
    }
    for index in makers.indices {
      switch makers[index].maker {
      case .shared(let maker):
        analysis.explanations.append(try maker.make(frame: frame.sequence, seconds: frame.seconds))
      case .inTurn:
        analysis.explanations.append(try explainInTurn(frame, makers[index].wish, by: analyst))
      case .beside(let task):
        if let input = analysis.input { task.offer(SidePicture(frame, input)) }
        if let latest = task.latest { analysis.explanations.append(latest) }
        if let problem = task.problem { analysis.problems[makers[index].wish] = problem }
      }
    }
  }

  private func isBeside(_ wish: ExplanationWish) -> Bool {
    makers.contains { $0.wish == wish && $0.maker.isBeside }
  }

  private static func isQuick(_ wish: ExplanationWish) -> Bool {
    (try? MethodTable.method(named: wish.method).info.isQuick) ?? false
  }

  private static func sharedMaker(
    _ wish: ExplanationWish, keeping layers: [String], by analyst: Analyst
  ) throws -> ExplanationMaker {
    try ExplanationMaker(
      wish, of: analyst.model, analyst.explained, in: analyst.session, keeping: layers)
  }

  private func sideTask(
    _ wish: ExplanationWish, _ old: [(wish: ExplanationWish, maker: Maker)], by analyst: Analyst
  ) throws -> SideTask<Explanation> {
    for case (let known, .beside(let task)) in old where known == wish && task.problem == nil { return task }
    let count = makers.count { $0.maker.isBeside }
    guard count < Self.mostBeside else { throw TooManyExplanations() }
    return SideTask(
      explaining: wish, of: analyst.model, analyst.explained, news: analyst.newsCount, by: analyst.network)
  }

  private mutating func explainInTurn(
    _ frame: Frame, _ wish: ExplanationWish, by analyst: Analyst
  ) throws -> Explanation {
    let isAlone = makers.count { $0.maker.isInTurn } == 1
    let session = try turns?.session ?? analyst.network.session()
    let maker =
      try turns?.maker
      ?? ExplanationMaker(wish, of: analyst.model, analyst.explained, in: session)
    turns = (session, isAlone ? maker : nil)
    session.copyInputs(of: analyst.session)
    try session.run()
    return try maker.make(frame: frame.sequence, seconds: frame.seconds)
  }
}

/// More different explanations were asked for than can be made at the same time.
struct TooManyExplanations: Error, CustomStringConvertible {
  let description = "Too many different explanations are being watched; choose one that another viewer sees."
}
