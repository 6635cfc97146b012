import CKernels
import Foundation
import Telemetry
import Tensors

/// Measures the candidates of contested layers on their real sizes.
struct Tuner {
  let isa: ISA
  let clock: any TimeSource
  /// Seconds that all measurements of a network may take together.
  var budget = 0.25
  /// How often a kernel was run.
  private(set) var kernelRuns = 0

  /// Runs that count for each candidate, after one that does not.
  private static let rounds = 3
  /// Another choice must take less than this share of the rule's time, so that noise does not decide.
  private static let margin = 0.97
  /// A pessimistic clock, for guessing in advance what a measurement takes.
  private static let cyclesPerSecond = 1e9

  init(isa: ISA, clock: any TimeSource = SystemTime()) { (self.isa, self.clock) = (isa, clock) }

  /// A choice for every layer: where most time may be saved first, and the rule's for those that the budget does not reach.
  mutating func choices(for layers: [ContestedLayer]) -> TunedChoices {
    let start = clock.now()
    let workspace = layers.isEmpty ? nil : TuningWorkspace(layers, isa: isa)
    var choices: TunedChoices = [:]
    for layer in layers.sorted(by: Self.mattersMore) {
      let left = budget - clock.now().seconds(since: start)
      let expected = layer.cycles.reduce(0, +) * Double(Self.rounds + 1) / Self.cyclesPerSecond
      let measured = expected < left ? workspace.map { fastest(layer, $0, seconds: left) } : nil
      choices[layer.layer] = measured ?? layer.candidates[0]
    }
    return choices
  }

  private static func mattersMore(_ a: ContestedLayer, _ b: ContestedLayer) -> Bool {
    let (left, right) = (Double(a.uses) * a.cycles[0], Double(b.uses) * b.cycles[0])
    return left == right ? a.layer.text < b.layer.text : left > right
  }

  /// The candidates take turns, so that a slow moment of the machine meets all of them; each one's best counts.
  private mutating func fastest(
    _ layer: ContestedLayer, _ workspace: TuningWorkspace, seconds: Double
  ) -> fovea_conv_algorithm {
    var best = [Double](repeating: .infinity, count: layer.candidates.count)
    let start = clock.now()
    for round in 0...Self.rounds {
      for (index, algorithm) in layer.candidates.enumerated() {
        guard clock.now().seconds(since: start) < seconds else { return layer.candidates[0] }
        workspace.chill(layer)
        let before = clock.now()
        workspace.run(layer, algorithm)
        kernelRuns += 1
        if round > 0 { best[index] = min(best[index], clock.now().seconds(since: before)) }
      }
    }
    let winner = best.indices.min { best[$0] < best[$1] } ?? 0
    return layer.candidates[best[winner] < Self.margin * best[0] ? winner : 0]
  }
}
