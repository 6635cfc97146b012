import Settings
import TOML
import Telemetry

/// `[[camera.rule]]`: when something is an event.
package struct RuleSettings: Sendable, Equatable {
  package var name: String
  package var classes: [String], not: [String]
  package var confidence: Double
  package var hold: TimeSpan, cooldown: TimeSpan
  package var region: [RegionPoint], regionShare: Double
  package var from: TimeOfDay?, to: TimeOfDay?
  package var days: [Weekday]
  package var keeps: Bool
  package var section: SectionPlace

  static let name = Key(
    "name", required: Name.kind, standIn: "", example: "\"dog\"", "what events, topics and messages call it")
  static let classes = Key(
    "class", oneOrMore: ValueKind.text("CLASS").withCommas, example: "\"golden retriever\"",
    "the class that must be seen, or a list of which one must be; absent: any class but those of 'not'")
  static let not = Key(
    "not", oneOrMore: ValueKind.text("CLASS").withCommas, example: "[\"window screen\"]",
    "classes that must not be seen with that confidence")
  static let confidence = Key(
    "confidence", .number(0...1) as ValueKind<Double>, default: 0.5, "the class must have more than this probability")
  static let hold = Key(
    "for", TimeSpan.kind(0...86400), default: TimeSpan(seconds: 0), "how long that must last before it is an event")
  static let cooldown = Key(
    "cooldown", TimeSpan.kind(0...604_800), default: TimeSpan(seconds: 60),
    "how long after an event's end there is no new one")
  static let region = Key(
    "region", list: RegionPoint.kind, example: "[\"0.1 0.5\", \"0.9 0.5\", \"0.9 1\", \"0.1 1\"]",
    "corners of a polygon, as shares of the picture's width and height, in which the heat must lie")
  static let regionShare = Key(
    "region_share", .number(0...1) as ValueKind<Double>, default: 0.5,
    "the share of the heat that must lie in the region")
  static let from = Key("from", TimeOfDay.kind, example: "\"07:00\"", "the rule holds from this time of day on")
  static let to = Key(
    "to", TimeOfDay.kind, example: "\"22:30\"", "and until this time, on the next day where it is the earlier one")
  static let days = Key(
    "days", list: .choice as ValueKind<Weekday>, example: "[\"mon\", \"tue\"]",
    "the days on which it holds; absent: all")
  static let keeps = Key(
    "protect", .boolean, default: false, "what its events recorded is never deleted for want of room or for its age")

  /// The table's keys.
  static let spec = SectionSpec(
    "rule", isRepeated: true, "A rule: what of this camera is an event.",
    keys: [name, classes, not, confidence, hold, cooldown, region, regionShare, from, to, days, keeps])

  init(_ section: Section, _ faults: inout [Fault]) {
    (name, classes, not) = (section[Self.name], section[Self.classes], section[Self.not])
    (confidence, hold, cooldown) = (section[Self.confidence], section[Self.hold], section[Self.cooldown])
    (region, regionShare) = (section[Self.region], section[Self.regionShare])
    (from, to, days, keeps) = (section[Self.from], section[Self.to], section[Self.days], section[Self.keeps])
    self.section = SectionPlace(section: section)
    if classes.isEmpty, not.isEmpty {
      faults.append(section.fault(Self.name, "the rule names neither a 'class' nor a 'not'"))
    }
    if (1...2).contains(region.count) {
      faults.append(section.fault(Self.region, "a polygon has three corners or more"))
    }
    if (from == nil) != (to == nil) {
      faults.append(section.fault(Self.from, "'from' and 'to' go together"))
    }
  }
}

/// A place of the picture as shares of its width and height.
package struct RegionPoint: Sendable, Equatable {
  package var x: Double, y: Double

  static let kind: ValueKind<RegionPoint> = {
    var kind = ValueKind<RegionPoint>("X Y", needed: "two numbers from 0 to 1 are needed, such as \"0.25 0.5\"") {
      text in
      let numbers = text.split(separator: " ").map { Double($0) }
      guard numbers.count == 2, let x = numbers[0], let y = numbers[1], (0...1).contains(x), (0...1).contains(y) else {
        return nil
      }
      return RegionPoint(x: x, y: y)
    }
    kind.word = { "\($0.x) \($0.y)" }
    return kind
  }()
}

/// A day of the week.
package enum Weekday: String, CaseIterable, Sendable { case sun, mon, tue, wed, thu, fri, sat }
