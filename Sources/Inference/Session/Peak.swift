import CKernels
import Synchronization
import Telemetry

/// What the threads of a pool compute at most: multiply-adds in registers, nothing read or written.
enum Peak {
  /// Rounds that take some tens of microseconds, and how often: the best is what counts, after the clock has settled.
  private static let rounds: Int64 = 4000
  private static let tileRounds: Int64 = 1000
  private static let repeats = 300

  /// 10⁹ floating-point operations per second of all threads together, at the speed of the slowest; takes some milliseconds.
  /// - Parameter bf16: what multiplies instead, when it is not float32.
  static func gigaflops(_ isa: ISA, bf16: fovea_bf16_isa? = nil, _ pool: ThreadPool) -> Double {
    let (clock, operations) = (SystemTime(), Counter())
    var best = 0.0
    for _ in 0..<repeats {
      operations.value.store(0, ordering: .relaxed)
      let start = clock.now()
      pool.run { _, _ in
        var result: Float = 0
        let done =
          bf16.map { fovea_bf16_loop($0, tileRounds, &result) } ?? fovea_fma_loop(isa.kernels, rounds, 0.5, &result)
        operations.value.add(Int(done), ordering: .relaxed)
      }
      let seconds = clock.now().seconds(since: start)
      if seconds > 0 { best = max(best, Double(operations.value.load(ordering: .relaxed)) / seconds * 1e-9) }
    }
    return best
  }
}

/// A number that threads add to.
private final class Counter: Sendable {
  let value = Atomic<Int>(0)
}
