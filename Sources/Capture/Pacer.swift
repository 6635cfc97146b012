import Telemetry

/// Holds frames back until their time has come.
struct Pacer {
  let clock: any TimeSource
  let interruption: Interruption
  private var origin: (moment: MonotonicTime, seconds: Double)?

  init(clock: any TimeSource, interruption: Interruption) {
    (self.clock, self.interruption) = (clock, interruption)
  }

  /// Waits until the frame at `seconds` of the stream is due, counted from the moment of the first frame.
  mutating func wait(for seconds: Double) {
    guard let origin else {
      origin = (clock.now(), seconds)
      return
    }
    let wait = min(max(seconds - origin.seconds, 0), 1e9)
    let due = MonotonicTime(nanoseconds: origin.moment.nanoseconds + Int64(wait * 1e9))
    // In slices, so that an interruption is seen.
    while !interruption.isRequested {
      let now = clock.now()
      if now >= due { return }
      clock.sleep(until: min(due, MonotonicTime(nanoseconds: now.nanoseconds + 50_000_000)))
    }
  }
}
