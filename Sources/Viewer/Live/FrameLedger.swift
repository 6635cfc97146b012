import Pipeline
import Telemetry

/// What became of the frames of a source: each one is analysed, or there is a reason why not.
package struct FrameLedger: Sendable, Equatable {
  /// Why the network did not see a frame on purpose.
  package enum Skip: String, CaseIterable, Sendable {
    /// It shows what the last one did.
    case still
    /// The network looks less often than frames come.
    case rate
    /// There is no viewer of the camera.
    case unwatched
    /// It is a dark picture in place of a source that is lost.
    case noSignal = "no_signal"
  }

  /// Frames that came from the source, dark pictures included.
  package var captured = 0
  package var analysed = 0
  package var skipped: [Skip: Int] = [:]
  /// Frames that came while the network was busy with an earlier one.
  package var dropped = 0

  package init() {}

  mutating func skip(_ reason: Skip) { skipped[reason, default: 0] += 1 }

  /// Frames that are under way: nothing is decided of them yet.
  package var pending: Int { captured - analysed - dropped - skipped.values.reduce(0, +) }
}

/// Which frames of a live source the network sees, beyond those that viewers ask for.
package struct LookPolicy: Sendable {
  /// It looks also while there is no viewer.
  package var isAlwaysOn = false
  /// Frames that show what the last one did are skipped; nil: none.
  package var gate: StillGate?
  /// Frames per second that it looks at, at most; nil: all.
  package var rate: Double?
  /// Frames that the network did not see are published too, with its latest answer, while there are readers.
  package var publishesAll = false

  package init() {}
}

/// Lets so many frames pass in a second, evenly.
struct RateGate {
  private var next: MonotonicTime?

  /// True for a frame that may pass; `now` must not go back.
  mutating func passes(_ rate: Double, at now: MonotonicTime) -> Bool {
    guard let next else {
      self.next = now.advanced(bySeconds: 1 / rate)
      return true
    }
    // A frame that is a little early counts: cameras are not exact.
    guard now.advanced(bySeconds: 0.1 / rate) >= next else { return false }
    let following = next.advanced(bySeconds: 1 / rate)
    self.next = following > now ? following : now.advanced(bySeconds: 1 / rate)
    return true
  }
}
