/// The target of one picture: which classes, or which values of a layer.
package enum TargetChoice: Hashable, Sendable {
  case classes(Int, minus: Int?)
  /// The mean of some neighbouring values of the layer, row-major: a channel, or a single unit.
  case values(offset: Int, count: Int)
  case norm
}

extension TargetChoice {
  func score(_ values: UnsafeBufferPointer<Float>) -> Float {
    switch self {
    case .classes(let index, let other): return values[index] - (other.map { values[$0] } ?? 0)
    case .values(let offset, let count):
      var sum: Float = 0
      for i in offset..<offset + count { sum += values[i] }
      return sum / Float(count)
    case .norm:
      var sum = 0.0
      for value in values { sum += Double(value) * Double(value) }
      return Float(sum.squareRoot())
    }
  }

  /// The derivative of the target by each of the values.
  func seed(_ seeds: UnsafeMutableBufferPointer<Float>, from values: UnsafeBufferPointer<Float>) {
    seeds.update(repeating: 0)
    switch self {
    case .classes(let index, let other):
      seeds[index] += 1
      if let other { seeds[other] -= 1 }
    case .values(let offset, let count):
      for i in offset..<offset + count { seeds[i] = 1 / Float(count) }
    case .norm:
      let norm = score(values)
      guard norm > 0 else { return }
      for i in values.indices { seeds[i] = values[i] / norm }
    }
  }
}
