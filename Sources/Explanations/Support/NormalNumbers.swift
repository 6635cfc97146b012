import Foundation

/// The same random numbers in every run: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
/// generators").
struct NormalNumbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  /// Uniform in [0, 1), of 53 bits.
  mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

  /// Of mean 0 and variance 1: Box and Muller 1958, the cosine branch.
  mutating func normal() -> Double {
    let (a, b) = (uniform(), uniform())
    return (-2 * log(1 - a)).squareRoot() * cos(2 * .pi * b)
  }

  private mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
