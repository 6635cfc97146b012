/// What is told of the jumps of a container's time stamps.
struct TimeJumps: Hashable {
  private(set) var count = 0
  /// Seconds of the first jumps, and when the first one came.
  private(set) var first: [Double] = []
  private(set) var moment = 0.0
  private var least = Double.infinity, most = -Double.infinity

  /// Notes a jump of so many seconds at this moment of the time line.
  /// - Parameter period: seconds after which the clock begins anew; 0 for never. FFmpeg takes a step back for such a turn.
  mutating func note(_ jump: Double, at moment: Double, period: Double = 0) {
    let rest = period > 0 ? jump - (jump / period).rounded() * period : jump
    let seconds = abs(rest) < 1 ? jump : rest
    if count == 0 { self.moment = moment }
    count += 1
    if first.count < 4 { first.append(seconds) }
    (least, most) = (min(least, seconds), max(most, seconds))
  }

  /// As in "-98.1 s", or "3 times, by -98.1, +100 and -98.1 s".
  var amounts: String {
    let texts = first.map(Self.text)
    if count == 1 { return "\(texts[0]) s" }
    if count > texts.count { return "\(Self.text(least)) to \(Self.text(most)) s" }
    return "\(texts.dropLast().joined(separator: ", ")) and \(texts[texts.count - 1]) s"
  }

  private static func text(_ seconds: Double) -> String {
    let rounded = (seconds * 100).rounded() / 100
    return (rounded > 0 ? "+" : "") + "\(rounded)"
  }
}
