import Foundation
import Synchronization
import Testing

@testable import Inference

@Suite struct ThreadPoolTests {
  @Test(arguments: 1...5) func callsEachPartOnceInEveryRound(threads: Int) throws {
    let pool = try ThreadPool(threads: threads)
    let counts = UnsafeMutableBufferPointer<Int>.allocate(capacity: threads)
    counts.initialize(repeating: 0)
    defer { counts.deallocate() }
    let body: ThreadPool.Body = { part, parts in
      precondition(parts == threads)
      counts[part] += 1
    }
    for _ in 0..<1000 { pool.run(body) }
    #expect(counts.allSatisfy { $0 == 1000 })
  }

  @Test func joinsItsThreadsAndWakesThemWhenParked() throws {
    let total = Atomic<Int>(0)
    for round in 1...20 {
      let pool = try ThreadPool(threads: 3)
      pool.run { part, _ in total.add(part, ordering: .relaxed) }
      // A pause long enough to park is not needed to be right: both paths give the same count.
      if round % 5 == 0 { pool.run { part, _ in total.add(part, ordering: .relaxed) } }
    }
    #expect(total.load(ordering: .relaxed) == 24 * 3)
  }

  @Test func callersTakeTurnsAndAllFinish() async throws {
    let (pool, counts) = (try ThreadPool(threads: 3), Counts())
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<4 {
        group.addTask {
          for _ in 0..<300 {
            pool.run { part, _ in
              // Each caller's parts are counted in a byte of their own.
              let running = counts.running.add(1 << (8 * caller), ordering: .relaxed).newValue
              precondition(running & ~(0xff << (8 * caller)) == 0, "pieces of two callers run at once")
              counts.sum.add(part, ordering: .relaxed)
              counts.running.subtract(1 << (8 * caller), ordering: .relaxed)
            }
          }
        }
      }
    }
    #expect(counts.sum.load(ordering: .relaxed) == 4 * 300 * 3)
  }

  @Test func turnsGoInTheOrderOfComing() throws {
    let (turns, counts) = (Turns(), Counts())
    turns.take()
    for caller in 1...4 {
      Thread.detachNewThread {
        while turns.nextTicket.load(ordering: .relaxed) != caller { sched_yield() }
        turns.take()
        let place = counts.running.add(1, ordering: .relaxed).newValue
        if place == caller { counts.sum.add(1, ordering: .relaxed) }
        turns.end()
      }
    }
    while turns.nextTicket.load(ordering: .relaxed) != 5 { sched_yield() }
    turns.end()
    while counts.running.load(ordering: .relaxed) < 4 { sched_yield() }
    turns.take()
    #expect(counts.sum.load(ordering: .relaxed) == 4)
  }

  private final class Counts: Sendable {
    let running = Atomic<Int>(0)
    let sum = Atomic<Int>(0)
  }
}
