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
    /// Nil where no network looked at the frame.
    package fileprivate(set) var analysis: Analysis?
    /// The analyst that made the analysis.
    package fileprivate(set) var analyst: Analyst?
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
    /// The analyst for a frame and the wishes that it answers; nil where no network needs to see the frame.
    package var look: @Sendable (Frame) -> (analyst: Analyst, wishes: Wishes)?
    /// Takes a frame in the order in which they came.
    package var deliver: @Sendable (Slot) throws -> Void
    /// Called when a step fails, to end a `read` that waits.
    package var wake: @Sendable () -> Void

    package init(
      read: @escaping @Sendable (Frame) throws -> Bool,
      look: @escaping @Sendable (Frame) -> (analyst: Analyst, wishes: Wishes)?,
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
        (slot.analysis, slot.frame.loopShift) = (nil, 0)
        guard try steps.read(slot.frame) else { return false }
        slot.taken = clock.now()
        slot.decodeSeconds = slot.taken.seconds(since: start)
        return true
      },
      stages: [
        .init("analyse", batch: gathered) { try Self.analyse($0, steps, clock) },
        .init("deliver") { try steps.deliver($0) },
      ],
      onFailure: steps.wake)
  }

  /// Runs until the source has ended and every frame has been delivered, or until something fails.
  /// - Parameter whileWaiting: called on the caller's thread about five times a second.
  package func run(whileWaiting: () -> Void = {}) throws { try conveyor.run(whileWaiting: whileWaiting) }

  /// Frames that no step had time for.
  package var dropped: Int { conveyor.drops.reduce(0, +) }

  private static func analyse(_ slots: [Slot], _ steps: Steps, _ clock: any TimeSource) throws {
    for slot in slots { slot.queueSeconds = clock.now().seconds(since: slot.taken) }
    guard slots.count > 1 else {
      for slot in slots {
        guard let (analyst, wishes) = steps.look(slot.frame) else { continue }
        (slot.analysis, slot.analyst) = (try analyst.look(slot.frame, wishes), analyst)
      }
      return
    }
    let wanted = slots.filter { steps.look($0.frame) != nil }
    guard let first = wanted.first, let (analyst, wishes) = steps.look(first.frame) else { return }
    try analyst.look(wanted.map(\.frame), wishes) { (wanted[$0].analysis, wanted[$0].analyst) = ($1, analyst) }
  }
}
