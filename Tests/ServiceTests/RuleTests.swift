import Telemetry
import Testing

@testable import Service

private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }
private let seen = Sight(match: .init(index: 1, confidence: 0.9))
private let nothing = Sight(match: nil)

@Suite struct RuleStateTests {
  @Test func anEventNeedsItsTime() {
    var state = RuleState(hold: 2, cooldown: 0)
    #expect(state.see(seen, at: at(0)) == nil)
    #expect(state.see(seen, at: at(1.9)) == nil && !state.isActive)
    #expect(state.see(seen, at: at(2)) == .begins && state.isActive)
    #expect(state.see(seen, at: at(3)) == nil)
  }

  @Test func aGapBeforeItBeginsAnew() {
    var state = RuleState(hold: 2, cooldown: 0)
    #expect(state.see(seen, at: at(0)) == nil)
    #expect(state.see(nothing, at: at(1)) == nil)
    #expect(state.see(seen, at: at(1.5)) == nil)
    #expect(state.see(seen, at: at(3)) == nil)
    #expect(state.see(seen, at: at(3.5)) == .begins)
  }

  @Test func itLingersAndEndsWhenItHeldLast() {
    var state = RuleState(hold: 0, cooldown: 0, linger: 2)
    #expect(state.see(seen, at: at(1)) == .begins)
    #expect(state.see(nothing, at: at(2)) == nil)
    #expect(state.see(seen, at: at(2.5)) == nil)
    #expect(state.see(nothing, at: at(4.4)) == nil)
    #expect(state.see(nothing, at: at(4.5)) == .ends(at(2.5)))
    #expect(state.see(seen, at: at(4.6)) == .begins)
  }

  @Test func theCooldownHolds() {
    var state = RuleState(hold: 0, cooldown: 10, linger: 1)
    #expect(state.see(seen, at: at(0)) == .begins)
    #expect(state.see(nothing, at: at(1)) == .ends(at(0)))
    #expect(state.see(seen, at: at(10.9)) == nil)
    #expect(state.see(seen, at: at(11)) == .begins)
  }

  /// A camera that is lost and comes back to the same sight: one event, before and after.
  @Test func aLostCameraIsNoEvent() {
    var state = RuleState(hold: 0, cooldown: 0, linger: 2)
    #expect(state.see(seen, at: at(0)) == .begins)
    state.lose(at: at(1))
    state.lose(at: at(50))
    #expect(state.see(seen, at: at(100)) == nil && state.isActive)
    state.lose(at: at(101))
    // What was not seen does not count as gone: the event ends by what is seen afterwards.
    #expect(state.see(nothing, at: at(200)) == nil)
    #expect(state.see(nothing, at: at(201)) == .ends(at(199)))
  }

  /// What held before the loss does not count for the time that a rule must hold.
  @Test func waitingDoesNotGoOnWhileTheCameraIsLost() {
    var state = RuleState(hold: 5, cooldown: 0)
    #expect(state.see(seen, at: at(0)) == nil)
    state.lose(at: at(1))
    #expect(state.see(seen, at: at(60)) == nil)
    #expect(state.see(seen, at: at(65)) == .begins)
  }

  @Test func stoppingEndsWhatLasts() {
    var state = RuleState(hold: 0, cooldown: 0)
    #expect(state.stop() == nil)
    #expect(state.see(seen, at: at(3)) == .begins)
    #expect(state.stop() == .ends(at(3)) && !state.isActive)
  }
}

@Suite struct RegionTests {
  private let half = Region([.init(x: 0, y: 0.5), .init(x: 1, y: 0.5), .init(x: 1, y: 1), .init(x: 0, y: 1)])

  @Test func placesLieInsideOrOutside() {
    #expect(half.contains(x: 0.3, y: 0.7) && !half.contains(x: 0.3, y: 0.3) && !half.contains(x: 1.2, y: 0.7))
    // A star with a dent: the corner at (0.5, 0.5) is outside.
    let arrow = Region([.init(x: 0, y: 0), .init(x: 1, y: 0), .init(x: 0.5, y: 0.4), .init(x: 0, y: 1)])
    #expect(arrow.contains(x: 0.2, y: 0.3) && !arrow.contains(x: 0.8, y: 0.6))
  }

  @Test func heatIsShared() {
    let heat: [Float] = [1, 1, 3, 3, -5, .nan]
    let share = heat.withUnsafeBufferPointer { half.share(of: $0, rows: 3, columns: 2) { ($0, $1) } }
    // Rows at 1/6, 3/6 and 5/6: the middle one lies on the edge, which belongs to the region.
    #expect(share == 0.75)
    let none = [Float](repeating: 0, count: 4).withUnsafeBufferPointer {
      half.share(of: $0, rows: 2, columns: 2) { ($0, $1) }
    }
    #expect(none == 0)
  }
}

@Suite struct RuleTimeTests {
  private func rule(from: Int?, to: Int?, days: [Weekday]) throws -> Rule {
    var faults: [Fault] = []
    var settings = RuleSettings(Section(file: "f", place: .init(line: 1, column: 1)), &faults)
    (settings.from, settings.to) = (from.map { TimeOfDay(minutes: $0) }, to.map { TimeOfDay(minutes: $0) })
    settings.days = days
    return try Rule(settings, labels: [], model: "m")
  }

  @Test func aSpanOverMidnightBelongsToItsFirstDay() throws {
    let rule = try rule(from: 22 * 60, to: 6 * 60, days: [.sat])
    #expect(rule.holds(at: LocalTime(day: .sat, minutes: 23 * 60)))
    #expect(rule.holds(at: LocalTime(day: .sun, minutes: 5 * 60)))
    #expect(!rule.holds(at: LocalTime(day: .sat, minutes: 5 * 60)))
    #expect(!rule.holds(at: LocalTime(day: .sun, minutes: 23 * 60)))
    #expect(!rule.holds(at: LocalTime(day: .sun, minutes: 6 * 60)))
  }

  @Test func withoutTimesAllDaysCount() throws {
    let always = try rule(from: nil, to: nil, days: [])
    #expect(Weekday.allCases.allSatisfy { always.holds(at: LocalTime(day: $0, minutes: 0)) })
    #expect(Weekday.sun.before == .sat && Weekday.mon.before == .sun)
  }
}
