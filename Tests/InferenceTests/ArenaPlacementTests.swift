import Testing

@testable import Inference

@Suite struct ArenaPlacementTests {
  @Test(arguments: 0..<200) func allocationsThatLiveTogetherNeverOverlap(seed: Int) {
    var generator = SeededGenerator(seed: seed)
    let requests = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
      let first = Int.random(in: 0...30, using: &generator)
      return ArenaPlacement.Request(
        byteCount: Int.random(in: 0...5000, using: &generator),
        lifetime: first...(first + Int.random(in: 0...12, using: &generator)))
    }
    let (offsets, total) = ArenaPlacement.place(requests)
    for (i, a) in requests.enumerated() {
      #expect(offsets[i] % ArenaPlacement.alignment == 0)
      #expect(offsets[i] >= 0 && offsets[i] + a.byteCount <= total)
      for (j, b) in requests.enumerated().dropFirst(i + 1) where a.lifetime.overlaps(b.lifetime) {
        let isApart = offsets[i] + a.byteCount <= offsets[j] || offsets[j] + b.byteCount <= offsets[i]
        #expect(isApart, "allocations \(i) and \(j) of seed \(seed)")
      }
    }
  }

  @Test func memoryIsUsedAgain() {
    let chain = (0..<20).map { ArenaPlacement.Request(byteCount: 640, lifetime: $0...($0 + 1)) }
    #expect(ArenaPlacement.place(chain).byteCount == 1280)
  }
}
