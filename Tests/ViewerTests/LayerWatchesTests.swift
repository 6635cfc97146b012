import Models
import Telemetry
import Testing

@testable import Viewer

/// Which layers' patches are kept.
@Suite struct LayerWatchesTests {
  @Test func whatWasWatchedLastStaysAsFarAsThereIsRoom() throws {
    let model = try tinyModel()
    let report = try Looker(model, options: .init(), clock: StandingTime()).report
    let layer = try #require(report.layers.first { $0.watchable && $0.height > 1 })
    let size = LayerWatch(layer, field: nil, transform: model.transform, tensors: TensorPool()).patchBytes
    #expect(size == layer.channels * 9 * 48 * 48 * 3)
    var watches = LayerWatches(room: size * 2)
    func watch(_ names: [String]) {
      watches.watch(names) { _ in LayerWatch(layer, field: nil, transform: model.transform, tensors: TensorPool()) }
    }
    func kept() -> String { "abcdefg".filter { watches[String($0)] != nil } }
    watch(["a", "b", "c", "d"])
    #expect(kept() == "abcd", "what is watched stays, whatever room there is")
    let first = watches["d"]
    watch(["e"])
    #expect(kept() == "cde")
    watch(["d"])
    #expect(kept() == "cde" && watches["d"] === first, "a watch that was kept goes on")
    watch(["f"])
    #expect(kept() == "def")
    watch([])
    #expect(kept() == "df")
  }

  @Test func whatCannotBeWatchedIsNotKept() {
    var watches = LayerWatches()
    watches.watch(["nowhere"]) { _ in nil }
    watches.watch([]) { _ in nil }
    #expect(watches["nowhere"] == nil)
  }
}

private struct StandingTime: TimeSource {
  func now() -> MonotonicTime { MonotonicTime(nanoseconds: 0) }
  func sleep(until end: MonotonicTime) {}
}
