import Inference
import Tensors

/// Which gradient the runner is asked for.
struct GradientArguments {
  /// The element whose gradient is taken.
  var element: Int
  /// The value that it belongs to; nil: the first output.
  var of: String?
  /// By which value; nil: by all of float32.
  var by: String?
  var rule = GradientRule.standard

  static func rule(_ word: String) -> GradientRule {
    switch word {
    case "guided": .guided
    case "deconvnet": .deconvnet
    default: Float(word).map { .lrp(epsilon: $0) } ?? .standard
    }
  }

  /// Makes the session ready; the names of the values by which it differentiates.
  func prepare(_ session: Session, _ graph: Graph, taps: [String]) throws -> [String] {
    let target = of ?? session.outputs[0].name
    let all = graph.values.filter { $0.constant == nil && $0.type?.element == .float32 }.map(\.name)
    let names = by.map { [$0] } ?? all
    try session.setTaps(taps, gradients: [GradientRequest(of: [target], withRespectTo: names, rule: rule)])
    session.seed(0)[0].floats[element] = 1
    return names
  }
}

/// Prints what each step does and how long it takes, the backward pass's last.
func showSteps(_ session: Session, _ arguments: Arguments) throws {
  for request in [nil] + (arguments.gradient == nil ? [] : [0]) {
    let profile = try session.profile(runs: max(arguments.repeats, 1), gradient: request)
    for step in profile.steps {
      print("step\t\(Int(step.microseconds))\t\(step.description.name)\t\(step.description.explanation)")
    }
  }
}
