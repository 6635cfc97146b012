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
    let total = Mutex(0)
    for round in 1...20 {
      let pool = try ThreadPool(threads: 3)
      pool.run { part, _ in total.withLock { $0 += part } }
      // A pause long enough to park is not needed to be right: both paths give the same count.
      if round % 5 == 0 { pool.run { part, _ in total.withLock { $0 += part } } }
    }
    #expect(total.withLock { $0 } == 24 * 3)
  }

  @Test func callersTakeTurnsAndAllFinish() async throws {
    let pool = try ThreadPool(threads: 3)
    let shared = Meeting()
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<4 {
        group.addTask {
          for _ in 0..<300 {
            pool.run { part, _ in
              shared.callers.withLock { $0.append(caller) }
              shared.sum.add(part, ordering: .relaxed)
              shared.callers.withLock { callers in
                precondition(callers.allSatisfy { $0 == caller }, "pieces of two callers run at once")
                callers.removeLast()
              }
            }
          }
        }
      }
    }
    #expect(shared.sum.load(ordering: .relaxed) == 4 * 300 * 3)
  }

  @Test func turnsGoInTheOrderOfComing() throws {
    let shared = Meeting()
    shared.turns.take()
    for caller in 1...4 {
      Thread.detachNewThread {
        while shared.turns.nextTicket.load(ordering: .relaxed) != caller { sched_yield() }
        shared.turns.take()
        shared.callers.withLock { $0.append(caller) }
        shared.turns.end()
      }
    }
    while shared.turns.nextTicket.load(ordering: .relaxed) != 5 { sched_yield() }
    shared.turns.end()
    while shared.callers.withLock({ $0.count }) < 4 { sched_yield() }
    #expect(shared.callers.withLock { $0 } == [1, 2, 3, 4])
  }

  private final class Meeting: Sendable {
    let turns = Turns()
    let callers = Mutex<[Int]>([])
    let sum = Atomic<Int>(0)
  }
}
