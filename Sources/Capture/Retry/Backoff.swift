/// When to try again: after 1 s, then twice as long each time, up to 30 s; from the beginning after a success that lasted.
package struct Backoff: Sendable, Hashable {
  /// Seconds before the first new attempt, and the longest wait.
  package let shortest: Double, longest: Double
  /// Attempts that failed since the last success that lasted.
  package private(set) var failures = 0

  package init(shortest: Double = 1, longest: Double = 30) {
    (self.shortest, self.longest) = (shortest, longest)
  }

  package var delay: Double { min(shortest * Double(1 << min(max(failures - 1, 0), 20)), longest) }

  /// Notes a failure.
  /// - Parameter seconds: how long the source had given pictures; 0 when it never opened. Only a source that lasted longer
  ///   than the longest wait is tried again after the shortest.
  package mutating func failed(afterSeconds seconds: Double) {
    failures = seconds > longest ? 1 : failures + 1
  }
}
