import Explanations
import Inference
import Telemetry

/// What a sample of the methods that average gradients costs, as a share of a forward pass and a gradient of the input.
struct SampleTiming: Encodable {
  let smoothgrad: Double, integratedGradients: Double

  private static let (samples, turns) = (16, 5)

  /// Nil for a network that explanations do not take.
  init?(_ session: Session, _ graph: Graph) {
    guard let network = try? ExplainedNetwork(graph),
      let smooth = try? Self.share("smoothgrad", network, session),
      let integrated = try? Self.share("integrated-gradients", network, session)
    else { return nil }
    (smoothgrad, integratedGradients) = (smooth, integrated)
  }

  /// Both are measured in turns; the median of each counts.
  private static func share(
    _ method: String, _ network: ExplainedNetwork, _ session: Session
  ) throws -> Double {
    var options = MethodOptions()
    options.samples = samples
    let explainer = try Explainer(MethodTable.method(named: method), of: network, in: session, options: options)
    let clock = SystemTime()
    var (plain, sampled) = ([Double](), [Double]())
    for _ in 0..<turns {
      try session.run()
      var start = clock.now()
      try explainer.explain()
      sampled.append(clock.now().seconds(since: start) / Double(samples))
      start = clock.now()
      for _ in 0..<samples {
        try session.run()
        try session.runBackward(0)
      }
      plain.append(clock.now().seconds(since: start) / Double(samples))
    }
    return median(sampled) / median(plain)
  }
}
