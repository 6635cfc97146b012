import Frames
import Testing

/// Drives the state machine over every capacity, stage count, start and frame count that is small enough.
@Suite struct RingStateTests {
  @Test func blockDeliversEveryFrameInOrderToEveryStage() {
    for capacity in 1...5 {
      for stages in 1...3 {
        for start in [UInt64(0), 1, 1 << 40] {
          for count in 0...12 {
            let delivered = runBlocking(capacity: capacity, stages: stages, start: start, count: count)
            for stage in delivered { #expect(stage == Array(0..<count)) }
          }
        }
      }
    }
  }

  /// The producer publishes numbers as fast as it can; stages take turns. Returns what each stage saw.
  private func runBlocking(capacity: Int, stages: Int, start: UInt64, count: Int) -> [[Int]] {
    var ring = RingState(capacity: capacity, stages: stages, policy: .block, firstSequence: start)
    var content = [Int](repeating: -1, count: capacity)
    var seen = [[Int]](repeating: [], count: stages)
    var produced = 0
    var isOver = false
    while !isOver {
      while produced < count, let slot = ring.acquire() {
        content[slot] = produced
        produced += 1
        ring.publish(slot)
      }
      if produced == count && !ring.isFinished { ring.finish() }
      for stage in (0..<stages).reversed() {
        guard let slot = ring.lease(stage: stage) else { continue }
        seen[stage].append(content[slot])
        ring.release(slot)
      }
      isOver = (0..<stages).allSatisfy { ring.isDrained(stage: $0) }
    }
    #expect(ring.freeCount == capacity)
    #expect(ring.drops.allSatisfy { $0 == 0 })
    return seen
  }

  @Test func keepLatestNeverMakesTheProducerWaitAndCountsEveryDrop() {
    for capacity in 2...6 {
      for stages in 1..<capacity {
        for burst in 1...8 {
          var ring = RingState(capacity: capacity, stages: stages, policy: .keepLatest)
          var content = [Int](repeating: -1, count: capacity)
          var published = 0
          var last = [Int](repeating: -1, count: stages)
          var delivered = 0
          for _ in 0..<20 {
            for _ in 0..<burst {
              guard let slot = ring.acquire() else {
                Issue.record("the producer had to wait")
                return
              }
              content[slot] = published
              published += 1
              ring.publish(slot)
            }
            for stage in (0..<stages).reversed() {
              guard let slot = ring.lease(stage: stage) else { continue }
              #expect(content[slot] > last[stage], "frames never go backwards")
              if stage == 0 { #expect(content[slot] == published - 1, "the first stage gets the newest") }
              last[stage] = content[slot]
              if stage == stages - 1 { delivered += 1 }
              ring.release(slot)
            }
          }
          ring.finish()
          while !(0..<stages).allSatisfy({ ring.isDrained(stage: $0) }) {
            for stage in (0..<stages).reversed() {
              while let slot = ring.lease(stage: stage) {
                if stage == stages - 1 { delivered += 1 }
                ring.release(slot)
              }
            }
          }
          #expect(delivered + ring.drops.reduce(0, +) == published)
        }
      }
    }
  }

  @Test func aSlotWorkedOnIsNeverOverwritten() {
    var ring = RingState(capacity: 3, stages: 2, policy: .keepLatest)
    let first = ring.acquire()!
    ring.publish(first)
    let held = ring.lease(stage: 0)!
    for _ in 0..<10 {
      let slot = ring.acquire()!
      #expect(slot != held)
      ring.publish(slot)
    }
    ring.release(held)
    #expect(ring.lease(stage: 1) == held)
  }

  /// Otherwise a slot that is never used again would keep its content, as a driver's memory, for ever.
  @Test(arguments: [RingPolicy.block, .keepLatest]) func everySlotIsUsedInTurn(policy: RingPolicy) {
    var ring = RingState(capacity: 3, stages: 1, policy: policy)
    var used: [Int] = []
    for _ in 0..<6 {
      let slot = ring.acquire()!
      used.append(slot)
      ring.publish(slot)
      ring.release(ring.lease(stage: 0)!)
    }
    #expect(used == [0, 1, 2, 0, 1, 2])
  }

  @Test func blockingProducerWaitsWhenAllSlotsAreTaken() {
    var ring = RingState(capacity: 2, stages: 1, policy: .block)
    ring.publish(ring.acquire()!)
    ring.publish(ring.acquire()!)
    #expect(ring.acquire() == nil)
    ring.release(ring.lease(stage: 0)!)
    #expect(ring.acquire() != nil)
  }

  @Test func aCancelledSlotIsFreeAgain() {
    var ring = RingState(capacity: 1, stages: 1, policy: .block)
    ring.cancel(ring.acquire()!)
    #expect(ring.freeCount == 1)
    ring.finish()
    #expect(ring.isDrained(stage: 0))
  }
}
