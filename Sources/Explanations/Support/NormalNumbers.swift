import Foundation

/// The same random numbers in every run: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
/// generators").
struct NormalNumbers {
  private var state: UInt64
  private let ziggurat = Ziggurat.shared

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  /// Uniform in [0, 1), of 53 bits.
  mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

  /// Of mean 0 and variance 1: Marsaglia and Tsang 2000, "The ziggurat method for generating random variables". Nearly always one
  /// word, a product and a comparison.
  mutating func normal() -> Double {
    while true {
      let word = bits()
      let layer = Int(word & 255)
      let x = Double(Int64(bitPattern: word) >> 11) * 0x1p-52 * ziggurat.edges[layer]
      if abs(x) < ziggurat.edges[layer + 1] { return x }
      if layer == 0 { return tail(isNegative: x < 0) }
      let (low, high) = (ziggurat.heights[layer], ziggurat.heights[layer + 1])
      if low + (high - low) * uniform() < exp(-x * x / 2) { return x }
    }
  }

  mutating func fill(_ values: UnsafeMutableBufferPointer<Float>) {
    for i in values.indices { values[i] = Float(normal()) }
  }

  /// Beyond the lowest layer's edge: Marsaglia 1964.
  private mutating func tail(isNegative: Bool) -> Double {
    while true {
      let x = -log(1 - uniform()) / Ziggurat.edge
      if -2 * log(1 - uniform()) > x * x { return isNegative ? -Ziggurat.edge - x : Ziggurat.edge + x }
    }
  }

  private mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The area under exp(-x²/2), x >= 0, as 256 layers of equal area, the lowest of which has the tail.
private struct Ziggurat {
  /// Where the tail begins, and the area of a layer: the figures of the paper for 256 layers.
  static let edge = 3.6541528853610088
  private static let area = 0.00492867323399
  static let shared = Ziggurat()

  /// The right edge of each layer, from the lowest; 0 above the highest. The lowest is as wide as its area is without a tail.
  let edges: [Double]
  /// exp(-x²/2) there, but for the lowest.
  let heights: [Double]

  private init() {
    var edges = [Self.area / exp(-Self.edge * Self.edge / 2), Self.edge]
    for _ in 2..<256 {
      let x = edges[edges.count - 1]
      edges.append((-2 * log(Self.area / x + exp(-x * x / 2))).squareRoot())
    }
    edges.append(0)
    self.edges = edges
    heights = edges.map { exp(-$0 * $0 / 2) }
  }
}
