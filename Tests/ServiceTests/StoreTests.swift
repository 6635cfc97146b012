import Foundation
import TestSupport
import Testing

@testable import Service

private func event(
  _ camera: String, at time: Double, rule: String = "r", label: String = "dog", protected: Bool = false
) -> Event {
  Event(
    id: 0, camera: camera, rule: rule, model: "m", label: label, labelId: 3, confidence: 0.7, started: time,
    ended: time + 2,
    cause: "because", method: "grad-cam", target: label, peak: [1.5, 2],
    units: [.init(layer: "l", unit: 4, activation: 1, deviation: 2)],
    clip: nil, snapshot: "s.jpg", heat: nil, protected: protected)
}

@Suite struct StoreTests {
  @Test func whatIsWrittenIsRead() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("deep/events.db").path
      let store = try EventStore(path)
      var first = event("a", at: 100, label: "100% \"dog\"")
      first.id = try store.add(first)
      _ = try store.add(event("b", at: 200, rule: "x"))
      #expect(try store.event(first.id) == first)
      try store.set(clip: "c.mp4", of: first.id)
      first.clip = "c.mp4"
      #expect(try store.events().map(\.camera) == ["b", "a"])
      var query = EventStore.Query()
      query.label = "100%"
      #expect(try store.events(query) == [first])
      query.label = "%x%"
      #expect(try store.events(query).isEmpty)
      query = EventStore.Query()
      (query.since, query.until) = (100, 200)
      #expect(try store.events(query).map(\.id) == [first.id])
      query = EventStore.Query()
      query.before = 2
      #expect(try store.events(query).map(\.id) == [1])
      #expect(try EventStore(reading: path).events().count == 2)
      #expect(try store.remove(first.id) && !store.remove(first.id))
    }
  }

  @Test func namesAreNoStatements() throws {
    try TestData.withTemporaryFolder { folder in
      let store = try EventStore(folder.appendingPathComponent("events.db").path)
      _ = try store.add(event("a'); DROP TABLE events; --", at: 1))
      var query = EventStore.Query()
      query.camera = "a'); DROP TABLE events; --"
      #expect(try store.events(query).count == 1)
    }
  }

  /// What a crash leaves open is closed at the next start, and its cause says so.
  @Test func openEventsEndWithACrash() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("events.db").path
      var open = event("a", at: 50)
      open.ended = nil
      open.id = try EventStore(path).add(open)
      let after = try #require(try EventStore(path).event(open.id))
      #expect(after.ended == 50 && after.cause.hasSuffix("the service ended before the event did"))
    }
  }

  @Test func aDamagedDatabaseIsSetAside() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("events.db").path
      _ = try EventStore(path).add(event("a", at: 1))
      let size = 2 * 4096
      try Data(repeating: 0x5A, count: size).write(to: URL(fileURLWithPath: path))
      let store = try EventStore(path)
      #expect(try store.events().isEmpty)
      let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".damaged-") }
      #expect(!kept.isEmpty)
    }
  }

  @Test func aNewerDatabaseIsRefused() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("events.db").path
      try EventStore(path).withDatabase { try $0.run("PRAGMA user_version = 99") }
      #expect(throws: (any Error).self) { try EventStore(path) }
      #expect(throws: (any Error).self) { try EventStore(reading: path) }
      #expect(throws: (any Error).self) { try EventStore(reading: path + "x") }
    }
  }
}

@Suite struct RetentionTests {
  private func item(_ name: String, at time: Double, _ bytes: Int, event: Int64? = nil, isProtected: Bool = false)
    -> RetentionPlan.Item
  {
    .init(paths: [name], bytes: bytes, time: time, event: event, isProtected: isProtected)
  }

  private func doomed(_ plan: RetentionPlan, _ items: [RetentionPlan.Item], free: Int? = nil) -> [String] {
    plan.doomed(items, free: free, at: 1000).flatMap(\.paths)
  }

  @Test func theOldGoes() {
    let plan = RetentionPlan(maxAge: 100, maxBytes: nil, minFree: 0)
    #expect(
      doomed(plan, [item("new", at: 950, 1), item("old", at: 890, 1), item("kept", at: 1, 1, isProtected: true)]) == [
        "old"
      ])
  }

  /// The oldest go first, and no more than needed.
  @Test func theCapHolds() {
    let plan = RetentionPlan(maxAge: nil, maxBytes: 25, minFree: 0)
    let items = [item("c", at: 3, 10), item("a", at: 1, 10), item("b", at: 2, 10), item("d", at: 4, 10)]
    #expect(doomed(plan, items) == ["a", "b"])
    #expect(doomed(plan, items.map { item($0.paths[0], at: $0.time, 10, isProtected: $0.time == 1) }) == ["b", "c"])
  }

  @Test func roomIsMade() {
    let plan = RetentionPlan(maxAge: nil, maxBytes: nil, minFree: 100)
    let items = [item("a", at: 1, 30), item("b", at: 2, 30), item("c", at: 3, 30)]
    #expect(doomed(plan, items, free: 60) == ["a", "b"])
    #expect(doomed(plan, items, free: 100).isEmpty)
    #expect(doomed(plan, items).isEmpty)
  }
}

@Suite struct StorageTests {
  @Test func namesStayInTheFolder() {
    var settings = StorageSettings(Section(file: "f", place: .init(line: 1, column: 1)))
    settings.folder = "/store"
    let storage = Storage(settings)
    #expect(storage.segment(of: "cam", "../../etc/%Y", at: 0).hasPrefix("/store/recordings/cam/etc/19"))
    #expect(storage.segment(of: "cam", "", at: 0) == "/store/recordings/cam/recording")
    #expect(storage.name(of: "/store/events/x.mp4") == "events/x.mp4" && storage.name(of: "/other/x") == nil)
    #expect(
      Storage.finalName(of: "a.partial.mp4") == "a.mp4" && Storage.finalName(of: "a.partial-12.jsonl") == "a.jsonl")
    #expect(Storage.finalName(of: "a.mp4") == nil)
  }

  @Test func whatACrashLeftGetsItsName() throws {
    try TestData.withTemporaryFolder { folder in
      let camera = folder.appendingPathComponent("recordings/cam/day")
      try FileManager.default.createDirectory(at: camera, withIntermediateDirectories: true)
      for (name, text) in [
        ("a.partial.mp4", "video"), ("b.partial.mp4", ""), ("c.partial-2.jsonl", "{}"), ("d.mp4", "x"),
      ] {
        try text.write(to: camera.appendingPathComponent(name), atomically: true, encoding: .utf8)
      }
      var settings = StorageSettings(Section(file: "f", place: .init(line: 1, column: 1)))
      settings.folder = folder.path
      Storage(settings).recover()
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: camera.path).sorted() == ["a.mp4", "c.jsonl", "d.mp4"])
    }
  }
}

@Suite struct FileAnswerTests {
  @Test func rangesAreRead() {
    #expect(FileAnswer.range("bytes=0-99", of: 1000) == 0..<100)
    #expect(FileAnswer.range("bytes=900-", of: 1000) == 900..<1000)
    #expect(FileAnswer.range("bytes=-100", of: 1000) == 900..<1000)
    #expect(FileAnswer.range("bytes=-5000", of: 1000) == 0..<1000)
    #expect(FileAnswer.range("bytes=0-9223372036854775807", of: 1000) == 0..<1000)
    for wrong in [
      "bytes=1000-", "bytes=5-4", "bytes=a-b", "bytes=-", "bytes=-0", "items=0-1", "bytes=0-1,5-6", "bytes=--1",
    ] {
      #expect(FileAnswer.range(wrong, of: 1000) == nil, "\(wrong)")
    }
  }
}

@Suite struct BaselineTests {
  @Test func aUnitThatFiresMoreThanUsualStandsOut() {
    var baseline = UnitBaseline()
    for frame in 0..<200 { baseline.add([1 + (frame % 2 == 0 ? 0.1 : -0.1), 5, 0]) }
    let strongest = baseline.strongest([2, 5.1, 0], count: 2)
    #expect(strongest.map(\.unit) == [0, 1])
    #expect(strongest[0].deviation > 5 && abs(strongest[1].deviation) < 1)
    #expect(baseline.deadUnits == 1 && baseline.units == 3)
    #expect(baseline.drift([1, 5, 0]) < baseline.drift([9, 9, 9]))
  }

  @Test func theFirstFramesSayNothing() {
    var baseline = UnitBaseline()
    baseline.add([1, 2])
    #expect(baseline.strongest([1, 3], count: 1).first?.deviation == 0)
    #expect(baseline.strongest([1, 3], count: 1).first?.unit == 1)
  }
}
