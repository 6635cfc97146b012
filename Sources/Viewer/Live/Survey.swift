import CKernels
import Inference
import Tensors

/// What a look at all layers found.
struct SurveyResult: Sendable {
  /// Counts surveys, so that a viewer is told each one once.
  let number: Int
  /// For each layer of the report, mean magnitude by the largest one seen so far, 0…1.
  let glow: [Float]
  let health: [LayerHealth]
}

/// The state of one layer.
struct LayerHealth: Sendable, Encodable {
  let index: Int
  let mean: Float, variance: Float
  /// Share of values that are zero.
  let zeros: Float
  /// Channels that have been zero in every survey since start, of so many.
  let deadUnits: Int, units: Int
  /// Share of values within 0.1 % of the largest value seen.
  let saturated: Float
  /// Counts over equal parts of `range`.
  let histogram: [Int]
  let range: [Float]
}

/// Looks at all layers now and then, in a session of its own, so that the frames between pay nothing for it.
final class Survey {
  private let session: Session
  private let layers: [NetworkReport.Layer]
  private let count: Int
  private var hasFired: [[Bool]]
  private var loudest: [Float]
  private var largest: [Float]
  private var number = 0
  private let isa = fovea_isa_default()

  init(_ report: NetworkReport, of network: CompiledNetwork) throws {
    layers = report.layers.filter(\.watchable)
    count = report.layers.count
    session = try network.session(taps: layers.map(\.value))
    hasFired = layers.map { Array(repeating: false, count: $0.channels) }
    loudest = Array(repeating: 0, count: layers.count)
    largest = Array(repeating: 0, count: layers.count)
  }

  /// Runs the network on what another session of it has seen.
  func look(at other: Session) throws -> SurveyResult {
    session.copyInputs(of: other)
    try session.run()
    number += 1
    var glow = [Float](repeating: 0, count: count)
    var health: [LayerHealth] = []
    for (position, layer) in layers.enumerated() {
      guard let view = session.tap(layer.value), let values = view.floats.baseAddress else { continue }
      let state = measure(position, layer, UnsafePointer(values), view.shape.count)
      glow[layer.index] = state.glow
      health.append(state.health)
    }
    return SurveyResult(number: number, glow: glow, health: health)
  }

  private func measure(
    _ position: Int, _ layer: NetworkReport.Layer, _ values: UnsafePointer<Float>, _ count: Int
  ) -> (glow: Float, health: LayerHealth) {
    let cells = max(1, count / max(1, layer.channels))
    var total = fovea_moments.none
    for channel in 0..<layer.channels {
      let before = total.zeros
      fovea_statistics_moments(&total, values + channel * cells, Int64(cells), isa)
      if total.zeros - before < cells { hasFired[position][channel] = true }
    }
    let magnitude = Float(total.magnitude / Double(max(1, count)))
    loudest[position] = max(loudest[position], magnitude)
    largest[position] = max(largest[position], total.high)
    let (histogram, saturated) = histogram(values, count, total.low, total.high, limit: largest[position] * 0.999)
    let mean = total.sum / Double(max(1, count))
    let health = LayerHealth(
      index: layer.index, mean: Float(mean),
      variance: Float(max(0, total.squares / Double(max(1, count)) - mean * mean)),
      zeros: Float(total.zeros) / Float(max(1, count)), deadUnits: hasFired[position].count { !$0 },
      units: layer.channels, saturated: saturated, histogram: histogram, range: [total.low, total.high])
    return (loudest[position] > 0 ? magnitude / loudest[position] : 0, health)
  }

  private func histogram(
    _ values: UnsafePointer<Float>, _ count: Int, _ low: Float, _ high: Float, limit: Float
  ) -> ([Int], Float) {
    var bins = [Int64](repeating: 0, count: 24)
    guard high > low else { return (bins.map { Int($0) }, 0) }
    let saturated = fovea_statistics_histogram(
      &bins, Int32(bins.count), values, Int64(count), low, Float(bins.count) / (high - low),
      limit > 0 ? limit : .infinity, isa)
    return (bins.map { Int($0) }, Float(saturated) / Float(max(1, count)))
  }
}

extension fovea_moments {
  /// Of no values.
  fileprivate static var none: fovea_moments {
    fovea_moments(low: .infinity, high: -.infinity, sum: 0, squares: 0, magnitude: 0, zeros: 0)
  }
}
