import Pipeline

/// What the units of a layer usually do on one camera: the running mean and variance of each one's highest activation.
package struct UnitBaseline: Sendable {
  /// A frame counts for so much: the past of about two hundred analysed frames.
  private static let share: Float = 0.005
  /// Frames before anything is said of deviations.
  private static let fewest = 30
  private var mean: [Float] = []
  private var variance: [Float] = []
  private var hasFired: [Bool] = []
  /// Frames so far.
  private(set) var count = 0

  package init() {}

  /// Takes the highest activations of a frame's units.
  package mutating func add(_ highest: [Float]) {
    if mean.count != highest.count {
      (mean, variance) = (highest, [Float](repeating: 0, count: highest.count))
      (hasFired, count) = (highest.map { $0 > 0 }, 1)
      return
    }
    count += 1
    // The first frames count more, or the very first one would weigh for long.
    let share = max(Self.share, 1 / Float(count))
    for index in highest.indices where highest[index].isFinite {
      let gap = highest[index] - mean[index]
      mean[index] += share * gap
      variance[index] = (1 - share) * (variance[index] + share * gap * gap)
      if highest[index] > 0 { hasFired[index] = true }
    }
  }

  /// How far above its mean a unit is, in standard deviations.
  package func deviation(_ index: Int, _ value: Float) -> Float {
    // Before that there is no usual.
    guard count >= Self.fewest, mean.indices.contains(index), value.isFinite else { return 0 }
    // A unit that hardly ever changes must not win by noise.
    return (value - mean[index]) / max(variance[index].squareRoot(), 0.05 * abs(mean[index]), 1e-3)
  }

  /// The units that are furthest above their means; while there is no usual, those with the highest activations.
  package func strongest(_ highest: [Float], count: Int) -> [(unit: Int, activation: Float, deviation: Float)] {
    highest.indices.map { (unit: $0, activation: highest[$0], deviation: deviation($0, highest[$0])) }
      .filter { $0.activation.isFinite }
      .sorted { ($1.deviation, $1.activation, $0.unit) < ($0.deviation, $0.activation, $1.unit) }.prefix(count).map {
        $0
      }
  }

  /// How far a frame is from the baseline: the mean magnitude of all deviations, 10 for larger ones. About 0.8 when all is as usual.
  package func drift(_ highest: [Float]) -> Double {
    guard count > 1, !highest.isEmpty else { return 0 }
    return highest.indices.reduce(0.0) { $0 + Double(min(abs(deviation($1, highest[$1])), 10)) } / Double(highest.count)
  }

  /// Units that have never fired.
  package var deadUnits: Int { hasFired.count { !$0 } }
  package var units: Int { mean.count }
}

extension LayerValues {
  /// The highest activation of each unit.
  var highest: [Float] { statistics.map { $0.high.isFinite ? $0.high : 0 } }
}
