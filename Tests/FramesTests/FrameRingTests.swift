import Foundation
import Frames
import Synchronization
import Testing

private final class Box: @unchecked Sendable {
  // Safety: the ring hands a box to one thread at a time; the test reads results after the threads have ended.
  var value = -1
}

@Suite struct FrameRingTests {
  @Test(arguments: [1, 2, 4]) func threadsPassEveryFrameInOrder(capacity: Int) {
    let ring = FrameRing(slots: (0..<capacity).map { _ in Box() }, stages: 2, policy: .block)
    let count = 2000
    let seen = Mutex<[Int]>([])
    let group = DispatchGroup()
    run(in: group) {
      for value in 0..<count {
        guard let lease = ring.acquire() else { return }
        lease.slot.value = value
        ring.publish(lease)
      }
      ring.finish()
    }
    run(in: group) {
      while let lease = ring.lease(stage: 0) {
        lease.slot.value *= 2
        ring.release(lease)
      }
    }
    run(in: group) {
      while let lease = ring.lease(stage: 1) {
        let value = lease.slot.value
        seen.withLock { $0.append(value) }
        ring.release(lease)
      }
    }
    group.wait()
    #expect(seen.withLock { $0 } == (0..<count).map { $0 * 2 })
  }

  @Test func stopWakesEveryWaitingThread() {
    let ring = FrameRing(slots: [Box()], stages: 1, policy: .block)
    let group = DispatchGroup()
    let returned = Atomic<Int>(0)
    let held = ring.acquire()
    #expect(held != nil)
    for _ in 0..<3 {
      run(in: group) {
        if ring.acquire() == nil { returned.add(1, ordering: .relaxed) }
      }
      run(in: group) {
        if ring.lease(stage: 0) == nil { returned.add(1, ordering: .relaxed) }
      }
    }
    ring.stop()
    group.wait()
    #expect(returned.load(ordering: .relaxed) == 6)
  }

  private func run(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    Thread {
      body()
      group.leave()
    }.start()
  }
}
