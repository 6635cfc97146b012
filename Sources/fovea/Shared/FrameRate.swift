import Frames
import Settings

/// Frames per second: a number, or a fraction such as 30000/1001.
enum FrameRate {
  static let kind = ValueKind<Rational>("RATE", needed: "frames per second are needed, such as 25 or 30000/1001") {
    text in
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, let numerator = Int(parts[0]), let denominator = Int(parts[1]) {
      guard (1...1_000_000_000).contains(numerator), (1...1_000_000_000).contains(denominator) else { return nil }
      return Rational(numerator, denominator)
    }
    guard let number = Double(text), (0.001...1_000_000).contains(number) else { return nil }
    return Rational(Int((number * 1000).rounded()), 1000)
  }
}
