/// How much each place of a network's input mattered: height x width numbers, row-major, in memory of its own.
///
/// The map covers the input evenly, whatever its size.
package final class SaliencyMap: @unchecked Sendable {
  // Safety: belongs to one explainer, which one thread at a time uses.

  package let height: Int, width: Int
  /// The numbers; of any scale, negative where the place spoke against the target.
  package let values: UnsafeMutableBufferPointer<Float>
  private let memory: FloatBuffer

  package init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    memory = FloatBuffer(height * width)
    values = UnsafeMutableBufferPointer(rebasing: memory.values[..<(height * width)])
  }

  var start: UnsafeMutablePointer<Float> { memory.start }

  func clear() { values.update(repeating: 0) }

  /// Negative values become 0.
  func rectify() {
    for i in values.indices where !(values[i] > 0) { values[i] = 0 }
  }

  /// Σ_k weights[k] · features[k], position by position.
  func sum(_ features: Features, weights: FloatBuffer) {
    precondition(features.area == values.count, "a map of the layer's size")
    clear()
    for k in 0..<features.channels {
      let (channel, weight) = (features.channel(k), weights[k])
      if weight == 0 { continue }
      for i in 0..<values.count { values[i] += weight * channel[i] }
    }
  }

  /// The largest magnitude over the planes.
  func largest(_ features: Features) {
    precondition(features.area == values.count, "a map of the planes' size")
    clear()
    for c in 0..<features.channels {
      let plane = features.channel(c)
      for i in values.indices { values[i] = max(values[i], abs(plane[i])) }
    }
  }

  /// Adds Σ_c features[c] · factors[c], or Σ_c features[c].
  func add(_ features: Features, times factors: FloatBuffer?) {
    precondition(features.area == values.count, "a map of the planes' size")
    for c in 0..<features.channels {
      let (plane, start) = (features.channel(c), c * features.area)
      if let factors {
        for i in values.indices { values[i] += plane[i] * factors[start + i] }
      } else {
        for i in values.indices { values[i] += plane[i] }
      }
    }
  }

  package var range: (low: Float, high: Float) {
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    return low <= high ? (low, high) : (0, 0)
  }

  package var total: Double { values.reduce(0) { $0 + Double($1) } }
}

/// Numbers in memory of their own, allocated once.
package final class FloatBuffer: @unchecked Sendable {
  // Safety: belongs to one object, which one thread at a time uses.

  package let values: UnsafeMutableBufferPointer<Float>

  package init(_ count: Int) {
    values = .allocate(capacity: max(count, 1))
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  var start: UnsafeMutablePointer<Float> {
    guard let base = values.baseAddress else { preconditionFailure("a buffer has memory") }
    return base
  }

  /// One number.
  package subscript(index: Int) -> Float {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// Takes over as many numbers as it holds.
  package func copy(_ source: UnsafePointer<Float>) {
    values.baseAddress?.update(from: source, count: values.count)
  }
}
