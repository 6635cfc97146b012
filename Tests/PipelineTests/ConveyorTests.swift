import Frames
import Pipeline
import Synchronization
import Testing

private final class Parcel: @unchecked Sendable {
  // Safety: the conveyor hands a parcel to one thread at a time.
  var number = 0
}

private struct Broken: Error, Equatable { let at: String }

/// What the threads of a test saw.
private final class Record: Sendable {
  let produced = Atomic<Int>(0)
  let arrived = Mutex<[Int]>([])

  func next(limit: Int) -> Int? {
    let number = produced.load(ordering: .relaxed)
    guard number < limit else { return nil }
    produced.store(number + 1, ordering: .relaxed)
    return number
  }
}

@Suite struct ConveyorTests {
  @Test(arguments: [1, 2, 5]) func everyFrameArrivesInOrder(capacity: Int) throws {
    let record = Record()
    let conveyor = Conveyor<Parcel>(
      slots: (0..<capacity).map { _ in Parcel() }, policy: .block,
      produce: { parcel in
        guard let number = record.next(limit: 500) else { return false }
        parcel.number = number
        return true
      },
      stages: [
        .init("double") { $0.number *= 2 },
        .init("collect") { parcel in record.arrived.withLock { $0.append(parcel.number) } },
      ])
    try conveyor.run()
    #expect(record.arrived.withLock { $0 } == (0..<500).map { $0 * 2 })
    #expect(conveyor.drops == [0, 0])
  }

  @Test(arguments: ["producer", "first", "last"]) func theFailingStagesErrorIsTheOneThrown(place: String) {
    let record = Record()
    let woken = Atomic<Int>(0)
    let conveyor = Conveyor<Parcel>(
      slots: (0..<3).map { _ in Parcel() }, policy: .block,
      produce: { parcel in
        parcel.number = record.next(limit: .max) ?? 0
        if place == "producer" && parcel.number == 20 { throw Broken(at: place) }
        return true
      },
      stages: [
        .init("first") { if place == "first" && $0.number == 20 { throw Broken(at: place) } },
        .init("last") { parcel in
          if place == "last" && parcel.number == 20 { throw Broken(at: place) }
          record.arrived.withLock { $0.append(parcel.number) }
        },
      ],
      onFailure: { woken.add(1, ordering: .relaxed) })
    #expect(throws: Broken(at: place)) { try conveyor.run() }
    #expect(woken.load(ordering: .relaxed) == (place == "producer" ? 0 : 1))
    if place == "producer" { #expect(record.arrived.withLock { $0 } == Array(0..<20)) }
  }

  @Test func finishingEarlyStillDeliversWhatIsUnderWay() throws {
    let record = Record()
    let holder = Mutex<Conveyor<Parcel>?>(nil)
    let conveyor = Conveyor<Parcel>(
      slots: (0..<4).map { _ in Parcel() }, policy: .block,
      produce: { parcel in
        parcel.number = record.next(limit: .max) ?? 0
        if parcel.number == 50 { holder.withLock { $0?.finishEarly() } }
        return true
      },
      stages: [.init("collect") { parcel in record.arrived.withLock { $0.append(parcel.number) } }])
    holder.withLock { $0 = conveyor }
    try conveyor.run()
    holder.withLock { $0 = nil }
    #expect(record.arrived.withLock { $0 } == Array(0...50))
  }
}
