import Explanations
import Frames
import Models
import Pipeline
import Telemetry

/// Explains the class of an event on the frame where it was seen. The live explanation often is of another class: it follows the top
/// class with some delay, so that it does not flicker.
final class EventExplainer: @unchecked Sendable {
  // Safety: one thread at a time uses it.
  private let network: SharedNetwork
  private let method: String?
  private let clock: any TimeSource
  private var analyst: Analyst?

  /// - Parameter method: nil where nothing is explained.
  init(_ network: SharedNetwork, method: String?, clock: any TimeSource) {
    (self.network, self.method, self.clock) = (network, method, clock)
  }

  /// What there is already, where it is of this frame and class, else one more look at the frame. Nil where nothing can be explained.
  func explain(_ index: Int, _ frame: Frame, _ analysis: Analysis, having explanation: Explanation?) throws
    -> (analysis: Analysis, explanation: Explanation)?
  {
    guard let method else { return nil }
    if let explanation, explanation.frame == frame.sequence, explanation.choice == .classes(index, minus: nil) {
      return (analysis, explanation)
    }
    let analyst = try self.analyst ?? Analyst(network.model, network.compiled, clock: clock)
    self.analyst = analyst
    let wish = ExplanationWish(method: method, target: "\(index)")
    let answer = try analyst.look(frame, Wishes(top: max(1, analysis.top.count), explanations: [wish]))
    return answer.explanation(wish).map { (answer, $0) }
  }
}
