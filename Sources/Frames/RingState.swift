/// What a ring does when its consumers are slower than its producer.
package enum RingPolicy: String, Sendable, CaseIterable {
  /// The producer waits: every frame reaches every stage, in order.
  case block
  /// The newest frame wins: older ones that wait are dropped and counted.
  case keepLatest
}

/// Which slot of a ring is held by the producer or by a stage: a state machine without locks, threads or frames.
///
/// A frame passes the stages 0, 1, … in turn. Between two stages its slot waits; after the last it is free again.
/// Every function is O(capacity), and capacity is small.
package struct RingState: Sendable {
  enum Slot: Equatable {
    case free
    /// The producer fills it.
    case filling
    /// Frame `sequence` waits for `stage`.
    case waiting(stage: Int, sequence: UInt64)
    /// `stage` works on frame `sequence`.
    case leased(stage: Int, sequence: UInt64)
  }

  private var slots: [Slot]
  private let policy: RingPolicy
  private let stages: Int
  private var nextSequence: UInt64
  /// For each slot, when it became free, as a count of all releases.
  private var freed: [UInt64]
  private var releases: UInt64 = 0
  /// Frames that were dropped while they waited for a stage.
  package private(set) var drops: [Int]
  /// No frame will be published any more.
  package private(set) var isFinished = false

  /// All slots are free.
  /// With `.keepLatest`, `capacity > stages` guarantees that the producer never waits.
  package init(capacity: Int, stages: Int, policy: RingPolicy, firstSequence: UInt64 = 0) {
    precondition(capacity > 0 && stages > 0)
    slots = Array(repeating: .free, count: capacity)
    freed = Array(repeating: 0, count: capacity)
    drops = Array(repeating: 0, count: stages)
    (self.policy, self.stages, nextSequence) = (policy, stages, firstSequence)
  }

  /// A slot for the producer to fill, or nil when it has to wait. It is the one that has been free for longest: each slot comes
  /// round, so that none keeps a driver's memory for ever.
  package mutating func acquire() -> Int? {
    if let index = longestFree() {
      slots[index] = .filling
      return index
    }
    guard policy == .keepLatest, let (index, stage) = oldestWaiting() else { return nil }
    drops[stage] += 1
    slots[index] = .filling
    return index
  }

  /// The producer has filled the slot.
  package mutating func publish(_ index: Int) {
    precondition(slots[index] == .filling, "only an acquired slot can be published")
    slots[index] = .waiting(stage: 0, sequence: nextSequence)
    nextSequence += 1
  }

  /// The producer has nothing to put into the slot that it acquired.
  package mutating func cancel(_ index: Int) {
    precondition(slots[index] == .filling, "only an acquired slot can be cancelled")
    free(index)
  }

  package mutating func finish() { isFinished = true }

  /// The next frame for a stage: the oldest that waits (`.block`) or the newest (`.keepLatest`, dropping the others);
  /// nil when none waits.
  package mutating func lease(stage: Int) -> Int? {
    var chosen: (index: Int, sequence: UInt64)?
    for index in slots.indices {
      guard case .waiting(stage, let sequence) = slots[index] else { continue }
      guard let best = chosen else {
        chosen = (index, sequence)
        continue
      }
      let replaces = policy == .block ? sequence < best.sequence : sequence > best.sequence
      if policy == .keepLatest { drop(replaces ? best.index : index, at: stage) }
      if replaces { chosen = (index, sequence) }
    }
    guard let (index, sequence) = chosen else { return nil }
    slots[index] = .leased(stage: stage, sequence: sequence)
    return index
  }

  /// A stage is done with the slot, which goes on to the next stage, or becomes free.
  package mutating func release(_ index: Int) {
    guard case .leased(let stage, let sequence) = slots[index] else {
      preconditionFailure("only a leased slot can be released")
    }
    if stage + 1 < stages { slots[index] = .waiting(stage: stage + 1, sequence: sequence) } else { free(index) }
  }

  /// True when no frame will ever reach the stage again.
  package func isDrained(stage: Int) -> Bool {
    isFinished
      && slots.allSatisfy { slot in
        switch slot {
        case .free: true
        case .filling: false
        case .waiting(let waitsFor, _): waitsFor > stage
        case .leased(let at, _): at >= stage
        }
      }
  }

  package var freeCount: Int { slots.count { $0 == .free } }

  private mutating func drop(_ index: Int, at stage: Int) {
    drops[stage] += 1
    free(index)
  }

  private mutating func free(_ index: Int) {
    slots[index] = .free
    releases += 1
    freed[index] = releases
  }

  private func longestFree() -> Int? {
    var longest: Int?
    for index in slots.indices where slots[index] == .free {
      if longest.map({ freed[index] < freed[$0] }) ?? true { longest = index }
    }
    return longest
  }

  private func oldestWaiting() -> (index: Int, stage: Int)? {
    var oldest: (index: Int, stage: Int, sequence: UInt64)?
    for index in slots.indices {
      guard case .waiting(let stage, let sequence) = slots[index] else { continue }
      if oldest.map({ sequence < $0.sequence }) ?? true { oldest = (index, stage, sequence) }
    }
    return oldest.map { ($0.index, $0.stage) }
  }
}
