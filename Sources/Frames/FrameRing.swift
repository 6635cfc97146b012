import Foundation

/// A fixed number of slots that travel from a producer through stages, each stage on a thread of its own.
///
/// Slots are made once and used again: in the steady state nothing is allocated. The rules are `RingState`'s; this
/// class only adds waiting. A stage that fails calls `stop`, which ends the waiting of all threads.
package final class FrameRing<Slot: AnyObject>: @unchecked Sendable {
  // Safety: `state` and `stopped` are touched under `condition`; a slot's content by the one thread that holds it.

  /// A slot that the caller holds until it gives it back.
  package struct Lease {
    package let slot: Slot
    let index: Int
  }

  private let slots: [Slot]
  private let condition = NSCondition()
  private var state: RingState
  private var stopped = false

  package init(slots: [Slot], stages: Int, policy: RingPolicy) {
    self.slots = slots
    state = RingState(capacity: slots.count, stages: stages, policy: policy)
  }

  /// A slot for the producer to fill; waits as the policy says. Nil after `stop`.
  package func acquire() -> Lease? {
    wait {
      $0.acquire()
    } until: { _ in
      false
    }
  }

  /// Hands the filled slot to the first stage.
  package func publish(_ lease: Lease) {
    change { $0.publish(lease.index) }
  }

  /// Gives an acquired slot back unfilled.
  package func cancel(_ lease: Lease) {
    change { $0.cancel(lease.index) }
  }

  /// No more frames will come: each stage ends once it has seen those that are under way.
  package func finish() {
    change { $0.finish() }
  }

  /// The next frame for a stage; waits for one. Nil at the end, and after `stop`.
  package func lease(stage: Int) -> Lease? {
    wait {
      $0.lease(stage: stage)
    } until: {
      $0.isDrained(stage: stage)
    }
  }

  /// The stage is done with the frame.
  package func release(_ lease: Lease) {
    change { $0.release(lease.index) }
  }

  /// Ends all waiting at once: something failed, or the frames are not wanted any more.
  package func stop() {
    condition.withLock {
      stopped = true
      condition.broadcast()
    }
  }

  /// Frames dropped while they waited for each stage.
  package var drops: [Int] { condition.withLock { state.drops } }

  private func change(_ body: (inout RingState) -> Void) {
    condition.withLock {
      body(&state)
      condition.broadcast()
    }
  }

  private func wait(_ attempt: (inout RingState) -> Int?, until isOver: (RingState) -> Bool) -> Lease? {
    condition.lock()
    defer { condition.unlock() }
    while !stopped {
      if let index = attempt(&state) { return Lease(slot: slots[index], index: index) }
      if isOver(state) { return nil }
      condition.wait()
    }
    return nil
  }
}
