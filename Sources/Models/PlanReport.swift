import Inference

/// What `fovea inspect --plan` tells of the steps that a network was turned into.
package struct PlanReport: Encodable, Sendable {
  package let isa: String
  package let threads: Int
  /// Multiply-adds in registers on all threads, in 10⁹ floating-point operations per second.
  package let peakGflops: Double
  package let steps: [Step]
  package let total: Total

  /// One step. `gflops` counts two operations for each multiply-add of the operator's definition, `arenaBytes` what the arena holds while it runs.
  package struct Step: Encodable, Sendable {
    let index: Int, name: String, op: String, algorithm: String, layout: String, split: String
    let outputShape: [Int]
    let microseconds: Double, multiplyAdds: Int, gflops: Double, shareOfPeak: Double
    let weightBytes: Int, inputBytes: Int, outputBytes: Int, gigabytesPerSecond: Double, arenaBytes: Int
  }

  /// Sums over the steps; `microseconds` is the median of whole runs, `stepMicroseconds` the sum of the steps' medians.
  package struct Total: Encodable, Sendable {
    let microseconds: Double, stepMicroseconds: Double, multiplyAdds: Int, gflops: Double, shareOfPeak: Double
    let weightBytes: Int, arenaBytes: Int
  }

  package init(_ profile: Profile) {
    (isa, threads, peakGflops) = (profile.isa.rawValue, profile.threads, rounded(profile.peakGigaflops))
    let peak = profile.peakGigaflops
    steps = profile.steps.enumerated().map { Step($1, index: $0, peak: peak) }
    let gflops = Profile.gigaflops(profile.multiplyAdds, microseconds: profile.microseconds)
    total = Total(
      microseconds: rounded(profile.microseconds),
      stepMicroseconds: rounded(profile.steps.reduce(0) { $0 + $1.microseconds }),
      multiplyAdds: profile.multiplyAdds, gflops: rounded(gflops), shareOfPeak: rounded(peak > 0 ? gflops / peak : 0),
      weightBytes: profile.steps.reduce(0) { $0 + $1.description.cost.weightBytes }, arenaBytes: profile.arenaBytes)
  }
}

extension PlanReport.Step {
  fileprivate init(_ timing: StepTiming, index: Int, peak: Double) {
    let (step, cost) = (timing.description, timing.description.cost)
    let gflops = Profile.gigaflops(cost.multiplyAdds, microseconds: timing.microseconds)
    let rate = timing.microseconds > 0 ? 1e-3 * Double(cost.movedBytes) / timing.microseconds : 0
    self.init(
      index: index, name: step.name, op: step.op, algorithm: step.algorithm, layout: step.layout, split: step.split,
      outputShape: step.outputShape.dimensions, microseconds: rounded(timing.microseconds),
      multiplyAdds: cost.multiplyAdds, gflops: rounded(gflops), shareOfPeak: rounded(peak > 0 ? gflops / peak : 0),
      weightBytes: cost.weightBytes, inputBytes: cost.inputBytes, outputBytes: cost.outputBytes,
      gigabytesPerSecond: rounded(rate), arenaBytes: cost.arenaBytes)
  }
}

/// To thousandths, so that the text of a measured number is short.
private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
