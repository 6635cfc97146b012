import CKernels
import Explanations
import Inference
import Tensors

/// What a look at all layers found.
package struct SurveyResult: Sendable {
  /// Counts surveys, so that a viewer is told each one once.
  package let number: Int
  /// For each layer of the network, mean magnitude by the largest one seen so far, 0…1.
  package let glow: [Float]
  /// For each layer that can be looked at.
  package let health: [LayerHealth]
}

/// The state of one layer.
package struct LayerHealth: Sendable, Encodable {
  let index: Int
  let mean: Float, variance: Float
  /// Share of values that are zero.
  let zeros: Float
  /// Channels that have been zero in every survey since start, of so many.
  let deadUnits: Int, units: Int
  /// Share of values within 0.1 % of the largest value seen.
  let saturated: Float
  let histogram: Histogram
}

/// Looks at all layers of a network, in a session of its own, so that frames pay nothing for it.
final class Survey {
  private let session: Session
  private let layers: [(index: Int, name: String, layout: LayerLayout)]
  private let count: Int
  private var hasFired: [[Bool]]
  private var loudest: [Float], largest: [Float]
  private var number = 0
  /// A layer's values as channels of rows, where it has another layout.
  private let gathered: FloatBuffer

  /// - Parameters:
  ///   - layers: all of the network's.
  ///   - session: made for taps; belongs to the survey from now on.
  init(_ layers: [LayerSummary], of network: ExplainedNetwork, in session: Session) throws {
    count = layers.count
    self.layers = layers.compactMap { layer in
      network.layout(of: layer.value).map { (layer.index, layer.value, $0) }
    }
    self.session = session
    try session.setTaps(self.layers.map(\.name))
    gathered = FloatBuffer(self.layers.lazy.filter { !$0.layout.isPlanar }.map(\.layout.count).max() ?? 0)
    hasFired = self.layers.map { Array(repeating: false, count: $0.layout.extent.channels) }
    loudest = Array(repeating: 0, count: self.layers.count)
    largest = Array(repeating: 0, count: self.layers.count)
  }

  /// Runs the network on an input.
  func look(at input: Tensor) throws -> SurveyResult {
    try session.run(on: input)
    number += 1
    var glow = [Float](repeating: 0, count: count)
    var health: [LayerHealth] = []
    for position in layers.indices {
      guard let values = session.tap(layers[position].name)?.floats.baseAddress else { continue }
      let state = measure(position, values)
      glow[layers[position].index] = state.glow
      health.append(state.health)
    }
    return SurveyResult(number: number, glow: glow, health: health)
  }

  private func measure(_ position: Int, _ values: UnsafePointer<Float>) -> (glow: Float, health: LayerHealth) {
    let (index, _, layout) = layers[position]
    let (values, extent) = (planar(values, layout), layout.extent)
    let cells = extent.height * extent.width
    let count = max(1, extent.channels * cells)
    var total = fovea_moments.none
    for channel in 0..<extent.channels {
      let before = total.zeros
      fovea_statistics_moments(&total, values + channel * cells, Int64(cells), fovea_isa_default())
      if total.zeros - before < cells { hasFired[position][channel] = true }
    }
    let magnitude = Float(total.magnitude / Double(count))
    loudest[position] = max(loudest[position], magnitude)
    largest[position] = max(largest[position], total.high)
    let limit = largest[position] * 0.999
    var saturated = 0
    let histogram = Histogram(
      values, count, total, saturatedFrom: limit > 0 ? limit : .infinity, saturated: &saturated)
    let mean = total.sum / Double(count)
    let health = LayerHealth(
      index: index, mean: Float(mean), variance: Float(max(0, total.squares / Double(count) - mean * mean)),
      zeros: Float(total.zeros) / Float(count), deadUnits: hasFired[position].count { !$0 },
      units: extent.channels, saturated: Float(saturated) / Float(count), histogram: histogram)
    return (loudest[position] > 0 ? magnitude / loudest[position] : 0, health)
  }

  private func planar(_ values: UnsafePointer<Float>, _ layout: LayerLayout) -> UnsafePointer<Float> {
    guard !layout.isPlanar, let start = gathered.values.baseAddress else { return values }
    layout.gather(values, into: start)
    return UnsafePointer(start)
  }
}
