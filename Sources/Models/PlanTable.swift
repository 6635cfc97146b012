import Foundation

extension PlanReport {
  private static let columns: [Column] = [
    Column("#", alignsRight: true), Column("step"), Column("operator"), Column("algorithm"), Column("layout"),
    Column("split"), Column("µs", alignsRight: true), Column("GFLOP/s", alignsRight: true),
    Column("peak", alignsRight: true), Column("GB/s", alignsRight: true), Column("arena", alignsRight: true),
  ]

  /// The table that `fovea inspect --plan` prints, at most 120 columns wide for networks of up to 1000 steps.
  package var table: String {
    let lines = [heading] + align(Self.columns, steps.map(cells)) + ["", totalLine] + Self.legend
    return lines.map(printable).joined(separator: "\n")
  }

  private var heading: String {
    String(
      format: "%d steps, %@, %d thread%@, peak %.0f GFLOP/s", steps.count, isa, threads, threads == 1 ? "" : "s",
      peakGflops)
  }

  private func cells(_ step: Step) -> [String] {
    let computes = step.multiplyAdds > 0
    return [
      "\(step.index)", shortened(step.name, to: 18), shortened(step.op, to: 14), algorithm(step), step.layout,
      threads == 1 ? "" : step.split, number(step.microseconds), computes ? number(step.gflops) : "",
      computes ? percent(step.shareOfPeak) : "", number(step.gigabytesPerSecond), short(step.arenaBytes) + "B",
    ]
  }

  /// Without the instruction set, which the heading names.
  private func algorithm(_ step: Step) -> String {
    let end = ", \(isa)"
    return shortened(
      step.algorithm.hasSuffix(end) ? String(step.algorithm.dropLast(end.count)) : step.algorithm, to: 26)
  }

  private var totalLine: String {
    String(
      format: "total %@ µs, %@ multiply-adds, %@ GFLOP/s, %@ of the peak; steps alone %@ µs; weights %@B, arena %@B",
      number(total.microseconds), short(total.multiplyAdds), number(total.gflops), percent(total.shareOfPeak),
      number(total.stepMicroseconds), short(total.weightBytes), short(total.arenaBytes))
  }

  private static let legend = [
    "µs: median; GFLOP/s: two for each multiply-add of the operator, whatever the algorithm saves; peak: their share of",
    "what multiply-adds in registers reach; GB/s: weights, inputs and outputs once; arena: bytes in use during the step",
  ]

  /// Three digits or more, one decimal below 100.
  private func number(_ value: Double) -> String { String(format: value < 99.95 ? "%.1f" : "%.0f", value) }

  private func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
}
