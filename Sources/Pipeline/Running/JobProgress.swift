import Synchronization

/// Counts and times of a running job.
package struct JobProgress: Sendable {
  /// Frames that came from the source.
  package var framesIn = 0
  /// Frames that the network saw.
  package var analysed = 0
  package var written = 0
  /// What the source could not read.
  package var damagedPackets = 0
  /// Seconds that each part of the work has taken for all frames together.
  package var seconds: [Span: Double] = Dictionary(uniqueKeysWithValues: Span.job.map { ($0, 0) })
  /// How often each class was the top one, by class index.
  package var topCounts: [Int] = []
  /// The class index that is on top now.
  package var topIndex: Int?
  package var topConfidence: Float = 0

  package init(classes: Int) { topCounts = [Int](repeating: 0, count: classes) }

  mutating func add(_ value: Double, to span: Span) { seconds[span, default: 0] += value }

  /// The classes that were on top, most frequent first, as (class index, share of the analysed frames).
  package var topShares: [(index: Int, share: Double)] {
    guard analysed > 0 else { return [] }
    let seen = topCounts.enumerated().filter { $0.element > 0 }
    return seen.sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .map { (index: $0.offset, share: Double($0.element) / Double(analysed)) }
  }
}

/// The progress that several threads add to.
package final class ProgressBoard: Sendable {
  private let state: Mutex<JobProgress>

  package init(classes: Int) { state = Mutex(JobProgress(classes: classes)) }

  package var snapshot: JobProgress { state.withLock { $0 } }

  /// Changes the numbers.
  package func update(_ body: (inout JobProgress) -> Void) { state.withLock { body(&$0) } }
}
