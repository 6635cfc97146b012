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
}
