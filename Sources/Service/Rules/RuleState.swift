import Telemetry

/// What a rule sees of one analysed frame.
package struct Sight: Sendable, Equatable {
  /// The class that fits the rule best, and its confidence; nil where nothing fits.
  package var match: Match?

  /// A class that fits.
  package struct Match: Sendable, Equatable {
    package var index: Int
    package var confidence: Double

    package init(index: Int, confidence: Double) { (self.index, self.confidence) = (index, confidence) }
  }

  package init(match: Match?) { self.match = match }
}

/// Whether one rule of one camera has an event now. A state machine without clocks or devices: it is given what is seen and when.
///
/// An event begins when the rule has held for the rule's time, and ends when it has not held for `linger` seconds. While the source is lost
/// nothing begins and nothing ends: an event that lasts on the other side of a gap is the same one, and a camera that comes back to what it
/// saw before is no new event.
package struct RuleState: Sendable {
  /// What happens.
  package enum Change: Sendable, Equatable {
    case begins
    /// The rule held last at this time.
    case ends(MonotonicTime)
  }

  private enum Phase: Equatable {
    case idle
    /// The rule holds since then, but not long enough.
    case pending(MonotonicTime)
    /// There is an event; the rule held last at this time.
    case active(MonotonicTime)
    /// There is no new event before this time.
    case cooling(MonotonicTime)
  }

  /// Seconds that the rule must hold, that pass without a new event, and after which an event is over.
  private let hold: Double, cooldown: Double, linger: Double
  private var phase = Phase.idle
  /// Since when the source is lost.
  private var lost: MonotonicTime?

  package init(hold: Double, cooldown: Double, linger: Double = 2) {
    (self.hold, self.cooldown, self.linger) = (hold, cooldown, max(linger, 0))
  }

  package var isActive: Bool { if case .active = phase { true } else { false } }

  /// The source gives no pictures.
  package mutating func lose(at now: MonotonicTime) {
    if lost == nil { lost = now }
    if case .pending = phase { phase = .idle }
  }

  /// The next frame that was analysed.
  package mutating func see(_ sight: Sight, at now: MonotonicTime) -> Change? {
    if let since = lost {
      lost = nil
      // What was not seen is neither there nor gone.
      if case .active(let last) = phase { phase = .active(last.advanced(bySeconds: now.seconds(since: since))) }
    }
    let holds = sight.match != nil
    switch phase {
    case .cooling(let end) where now < end: return nil
    case .idle, .cooling:
      phase = .idle
      guard holds else { return nil }
      return wait(since: now, at: now)
    case .pending(let since):
      guard holds else {
        phase = .idle
        return nil
      }
      return wait(since: since, at: now)
    case .active(let last):
      if holds {
        phase = .active(now)
      } else if now.seconds(since: last) >= linger {
        phase = cooldown > 0 ? .cooling(now.advanced(bySeconds: cooldown)) : .idle
        return .ends(last)
      }
      return nil
    }
  }

  /// The event ends, because the camera does or the rule is no more.
  package mutating func stop() -> Change? {
    guard case .active(let last) = phase else { return nil }
    phase = .idle
    return .ends(last)
  }

  private mutating func wait(since: MonotonicTime, at now: MonotonicTime) -> Change? {
    guard now.seconds(since: since) >= hold else {
      phase = .pending(since)
      return nil
    }
    phase = .active(now)
    return .begins
  }
}
