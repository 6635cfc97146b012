import Capture
import Pipeline
import Synchronization
import Testing

@testable import fovea

@Suite struct TerminalTests {
  @Test func clockTimesAreShort() {
    #expect(clockText(7.4) == "0:07" && clockText(3723) == "1:02:03" && clockText(.infinity).count > 3)
  }

  @Test func aRequestThatComesEarlyEndsTheWorkAtOnce() {
    let interruption = Interruption()
    let stop = StopRequest(interruption)
    let ends = Atomic<Int>(0)
    stop.request()
    #expect(interruption.isRequested)
    stop.onRequest { ends.add(1, ordering: .relaxed) }
    #expect(ends.load(ordering: .relaxed) == 1)
    stop.request()
    #expect(ends.load(ordering: .relaxed) == 2)
  }
}
