import Frames
import Telemetry

/// Frames on their way from a source through an analyst to its outputs: reading, analysing and delivering on a thread each.
///
/// The ring's policy is all that tells a job that writes every frame from a live view in which the newest frame wins.
package final class FrameFlow: Sendable {
  /// What a ring slot holds.
  package final class Slot: @unchecked Sendable {
    // Safety: the ring hands a slot to one thread at a time.

    package let frame: Frame
    /// Nil where no network looked at the frame. The step `look` sets it.
    package var analysis: Analysis?
    /// The analyst that made the analysis.
    package var analyst: Analyst?
    /// When the picture had been read.
    package fileprivate(set) var taken = MonotonicTime(nanoseconds: 0)
    /// Seconds that reading it took, and that it then waited for the network.
    package fileprivate(set) var decodeSeconds = 0.0, queueSeconds = 0.0

    fileprivate init(_ format: FrameFormat) { frame = Frame(format) }

    /// Gives a picture back to the driver whose memory it lies in: a lost camera gets its old device name again only when nothing of it
    /// is held any more.
    package func letGo() {
      if !(frame.backing is PictureBuffer) { (frame.backing, frame.planes) = (nil, Planes()) }
    }
  }

  /// The work of each step.
  package struct Steps: Sendable {
    /// Fills a frame; false at the end.
    package var read: @Sendable (Frame) throws -> Bool
    /// Lets a network look at the frames, where one needs to see them: several where frames are gathered.
    package var look: @Sendable ([Slot]) throws -> Void
    /// Takes a frame in the order in which they came.
    package var deliver: @Sendable (Slot) throws -> Void
    /// Called when a step fails, to end a `read` that waits.
    package var wake: @Sendable () -> Void

    package init(
      read: @escaping @Sendable (Frame) throws -> Bool,
      look: @escaping @Sendable ([Slot]) throws -> Void,
      deliver: @escaping @Sendable (Slot) throws -> Void, wake: @escaping @Sendable () -> Void
    ) {
      (self.read, self.look, self.deliver, self.wake) = (read, look, deliver, wake)
    }
  }

  private let conveyor: Conveyor<Slot>

  /// - Parameters:
  ///   - slots: frames that may be under way at once, beside those that are gathered.
  ///   - gathered: frames that analysis waits for.
  package init(
    _ format: FrameFormat, policy: RingPolicy, slots: Int, gathered: Int = 1, clock: any TimeSource, _ steps: Steps
  ) {
    conveyor = Conveyor(
      slots: (0..<slots + gathered - 1).map { _ in Slot(format) }, policy: policy,
      produce: { slot in
        let start = clock.now()
        (slot.analysis, slot.analyst, slot.frame.loopShift) = (nil, nil, 0)
        guard try steps.read(slot.frame) else { return false }
        slot.taken = clock.now()
        slot.decodeSeconds = slot.taken.seconds(since: start)
        return true
      },
      stages: [
        .init("analyse", batch: gathered) { slots in
          for slot in slots { slot.queueSeconds = clock.now().seconds(since: slot.taken) }
          try steps.look(slots)
        },
        .init("deliver") { try steps.deliver($0) },
      ],
      onFailure: steps.wake)
  }

  /// Runs until the source has ended and every frame has been delivered, or until something fails.
  /// - Parameter whileWaiting: called on the caller's thread about five times a second.
  package func run(whileWaiting: () -> Void = {}) throws { try conveyor.run(whileWaiting: whileWaiting) }

  /// Frames that came while the network was busy, and frames that it saw but that were not delivered before the next one.
  package var dropped: (beforeAnalysis: Int, afterIt: Int) { (conveyor.drops[0], conveyor.drops[1]) }
}
