import Foundation
import Frames
import Synchronization

/// A producer and its stages, each on a thread of its own, over the leased slots of a ring.
///
/// When a stage fails, all stop; when the producer fails, what it has produced still passes every stage. The first error is
/// the one that `run` throws: later errors are only its consequences.
package final class Conveyor<Slot: AnyObject>: Sendable {
  /// One stage: a name for the thread, and what it does with slots.
  package struct Stage: Sendable {
    let name: String
    let batch: Int
    let work: @Sendable ([Slot]) throws -> Void

    /// A stage. `work` runs on one thread only, in the order of the frames.
    package init(_ name: String, _ work: @escaping @Sendable (Slot) throws -> Void) {
      self.init(name, batch: 1) { for slot in $0 { try work(slot) } }
    }

    /// A stage that takes `batch` slots at a time, fewer only at the end of the stream; the ring must have more.
    package init(_ name: String, batch: Int, _ work: @escaping @Sendable ([Slot]) throws -> Void) {
      (self.name, self.batch, self.work) = (name, batch, work)
    }
  }

  private let ring: FrameRing<Slot>
  private let produce: @Sendable (Slot) throws -> Bool
  private let stages: [Stage]
  private let onFailure: @Sendable () -> Void
  private let firstError = Mutex<(any Error)?>(nil)
  private let isCancelled = Atomic<Bool>(false)

  /// A conveyor over these slots.
  /// - Parameters:
  ///   - produce: fills a slot; false at the end of the stream.
  ///   - onFailure: called once per failing stage, to wake a producer that blocks in a read.
  package init(
    slots: [Slot], policy: RingPolicy, produce: @escaping @Sendable (Slot) throws -> Bool, stages: [Stage],
    onFailure: @escaping @Sendable () -> Void = {}
  ) {
    ring = FrameRing(slots: slots, stages: stages.count, policy: policy)
    (self.produce, self.stages, self.onFailure) = (produce, stages, onFailure)
  }

  /// Runs until the stream has ended and every frame has passed every stage, or until something fails.
  /// - Parameter whileWaiting: called on the caller's thread about five times a second.
  package func run(whileWaiting: () -> Void = {}) throws {
    let running = DispatchGroup()
    start("decode", in: running) { [self] in
      do { try produceAll() } catch { note(error) }
    }
    for (index, stage) in stages.enumerated() {
      start(stage.name, in: running) { [self] in
        do { try work(at: index) } catch { fail(error) }
      }
    }
    while running.wait(timeout: .now() + .milliseconds(200)) == .timedOut { whileWaiting() }
    if let error = firstError.withLock({ $0 }) { throw error }
  }

  /// No more frames are produced; those under way still pass every stage.
  package func finishEarly() { isCancelled.store(true, ordering: .relaxed) }

  /// Frames that were dropped while they waited for each stage.
  package var drops: [Int] { ring.drops }

  private func produceAll() throws {
    defer { ring.finish() }
    while !isCancelled.load(ordering: .relaxed), let lease = ring.acquire() {
      var isFilled = false
      defer { if isFilled { ring.publish(lease) } else { ring.cancel(lease) } }
      isFilled = try produce(lease.slot)
      if !isFilled { return }
    }
  }

  private func work(at index: Int) throws {
    let stage = stages[index]
    var (leases, slots): ([FrameRing<Slot>.Lease], [Slot]) = ([], [])
    defer { for lease in leases { ring.release(lease) } }
    repeat {
      while leases.count < stage.batch, let lease = ring.lease(stage: index) {
        leases.append(lease)
        slots.append(lease.slot)
      }
      if leases.isEmpty { return }
      try stage.work(slots)
      for lease in leases { ring.release(lease) }
      leases.removeAll(keepingCapacity: true)
      slots.removeAll(keepingCapacity: true)
    } while true
  }

  private func start(_ name: String, in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    let thread = Thread {
      body()
      group.leave()
    }
    thread.name = name
    thread.stackSize = 4 << 20
    thread.start()
  }

  private func note(_ error: any Error) {
    firstError.withLock { if $0 == nil { $0 = error } }
  }

  private func fail(_ error: any Error) {
    note(error)
    ring.stop()
    onFailure()
  }
}
