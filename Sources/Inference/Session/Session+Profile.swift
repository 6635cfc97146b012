import Telemetry

/// One step with its measured time.
package struct StepTiming: Sendable {
  package var description: StepDescription
  /// The median over the runs.
  package var microseconds: Double
}

/// Where the time of a network goes.
package struct Profile: Sendable {
  package var steps: [StepTiming]
  /// The median of whole runs without a look at the clock between steps.
  package var microseconds: Double
  /// The shortest of those runs.
  package var shortestMicroseconds: Double
  /// 10⁹ floating-point operations per second that multiply-adds in registers reach on all threads of the session together.
  package var peakGigaflops: Double
  /// Threads that share each step.
  package var threads: Int
  /// The kernels' instruction set.
  package var isa: ISA
  /// Bytes of the memory that values share.
  package var arenaBytes: Int

  /// Multiply-adds of all steps.
  package var multiplyAdds: Int { steps.reduce(0) { saturating($0, plus: $1.description.cost.multiplyAdds) } }

  /// Effective 10⁹ floating-point operations per second, two for each multiply-add of the operator's definition: more
  /// than the peak where an algorithm saves multiplications.
  package static func gigaflops(_ multiplyAdds: Int, microseconds: Double) -> Double {
    microseconds > 0 ? 2e-3 * Double(multiplyAdds) / microseconds : 0
  }
}

extension Session {
  /// Measures every step on what the inputs hold.
  /// - Parameters:
  ///   - runs: how often, at least 1, after one run to warm up; the medians are what is told.
  ///   - request: the gradient whose backward pass is measured, on what its seed holds; nil: the forward pass.
  package func profile(runs: Int, gradient request: Int? = nil) throws -> Profile {
    precondition(runs >= 1)
    let range = request.map { plan.segments.backward[$0] } ?? 0..<plan.segments.forward
    try run()
    let peak = Peak.gigaflops(network.isa, bf16: network.options.precision == .bf16 ? Bfloat16.unit : nil, pool)
    var whole: [Double] = []
    var samples = [[Double]](repeating: [], count: range.count)
    let clock = SystemTime()
    for _ in 0..<runs {
      // A backward pass finds the caches as a forward pass leaves them.
      if request != nil { try run() }
      let start = clock.now()
      if let request { try runBackward(request) } else { try run() }
      whole.append(clock.now().seconds(since: start) * 1e6)
      if request != nil { try run() }
      timeSteps(range, clock, into: &samples)
    }
    let steps = zip(plan.steps[range], samples).map {
      StepTiming(description: $0.description, microseconds: median($1))
    }
    return Profile(
      steps: steps, microseconds: median(whole), shortestMicroseconds: whole.min() ?? 0, peakGigaflops: peak,
      threads: pool.threads, isa: network.isa, arenaBytes: arenaByteCount)
  }

  /// Runs some steps once and appends each one's microseconds to its samples.
  private func timeSteps(_ range: Range<Int>, _ clock: SystemTime, into samples: inout [[Double]]) {
    var before = clock.now()
    for (index, step) in plan.steps[range].enumerated() {
      step.run(on: pool)
      let now = clock.now()
      samples[index].append(now.seconds(since: before) * 1e6)
      before = clock.now()
    }
  }
}

/// The middle value, or the mean of the two in the middle; 0 of none.
package func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
