import Foundation
import Pipeline
import Telemetry

/// A rule with its classes found in the camera's model.
package struct Rule: Sendable {
  package let settings: RuleSettings
  /// Class indices; nil: any class.
  let classes: Set<Int>?
  let not: Set<Int>
  let region: Region?

  /// - Parameter labels: the model's classes.
  /// - Throws: the fault of a class that the model does not have.
  package init(_ settings: RuleSettings, labels: [String], model: String) throws {
    self.settings = settings
    func indices(_ names: [String], _ key: Key<[String]>) throws -> Set<Int> {
      var found: Set<Int> = []
      for name in names {
        let matches = labels.indices.filter { Self.means(name, labels[$0], $0) }
        guard !matches.isEmpty else {
          throw RuleFault(
            fault: settings.section.section.fault(
              key, "the model \(model) has no class '\(name)'\(suggestion(for: name, among: labels))"))
        }
        found.formUnion(matches)
      }
      return found
    }
    classes = settings.classes.isEmpty ? nil : try indices(settings.classes, RuleSettings.classes)
    not = try indices(settings.not, RuleSettings.not)
    region = settings.region.isEmpty ? nil : Region(settings.region)
  }

  /// A class's number or its label, without regard to case; one of several names that a label lists counts too, as in
  /// "tench, Tinca tinca".
  private static func means(_ name: String, _ label: String, _ index: Int) -> Bool {
    let (name, label) = (name.lowercased(), label.lowercased())
    if label == name || Int(name) == index { return true }
    return label.split(separator: ",").contains { $0.drop { $0 == " " } == name }
  }

  /// What the rule says of an analysis.
  /// - Parameters:
  ///   - time: local time: the day of the week and minutes since midnight.
  ///   - explain: shows where the network saw a class; called only for a rule with a region.
  package func sight(
    _ analysis: Analysis, picture: (width: Int, height: Int), at time: LocalTime,
    explain: (Sight.Match) -> Explanation?
  ) -> Sight {
    guard holds(at: time), analysis.brokenScores == 0 else { return Sight(match: nil) }
    let scores = analysis.scores
    let limit = Float(settings.confidence)
    guard !not.contains(where: { scores.indices.contains($0) && scores[$0] > limit }) else { return Sight(match: nil) }
    var best: Sight.Match?
    func consider(_ index: Int) {
      guard scores.indices.contains(index), scores[index] > limit, Double(scores[index]) > best?.confidence ?? -1 else {
        return
      }
      best = Sight.Match(index: index, confidence: Double(scores[index]))
    }
    if let classes {
      classes.forEach(consider)
    } else {
      scores.indices.forEach { if !not.contains($0) { consider($0) } }
    }
    guard let match = best, let region else { return Sight(match: best) }
    return Sight(match: isInside(region, analysis, explain(match), picture) ? match : nil)
  }

  private func isInside(
    _ region: Region, _ analysis: Analysis, _ explanation: Explanation?, _ picture: (width: Int, height: Int)
  ) -> Bool {
    guard let explanation, explanation.shown.shape.rank == 2 else { return false }
    let (placement, shape) = (analysis.placement, explanation.shown.shape)
    return withExtendedLifetime(explanation) {
      let heat = UnsafeBufferPointer(explanation.shown.view.floats)
      let share = region.share(of: heat, rows: shape[0], columns: shape[1]) { u, v in
        let point = placement.point(u, v)
        return (point.x / Double(max(picture.width, 1)), point.y / Double(max(picture.height, 1)))
      }
      return share >= settings.regionShare
    }
  }

  /// The time of day and the day of the week are the rule's. A span over midnight belongs to the day on which it begins.
  func holds(at time: LocalTime) -> Bool {
    guard let from = settings.from?.minutes, let to = settings.to?.minutes else {
      return settings.days.isEmpty || settings.days.contains(time.day)
    }
    let isOverMidnight = to <= from
    let isLate = isOverMidnight && time.minutes < to
    guard isOverMidnight ? time.minutes >= from || isLate : (from..<to).contains(time.minutes) else { return false }
    return settings.days.isEmpty || settings.days.contains(isLate ? time.day.before : time.day)
  }
}

/// A rule that names what the model does not have.
package struct RuleFault: Error, Sendable, CustomStringConvertible {
  package let fault: Fault
  package var description: String { fault.description }
}

/// The clock on the wall.
package struct LocalTime: Sendable, Equatable {
  package var day: Weekday, minutes: Int

  package init(day: Weekday, minutes: Int) { (self.day, self.minutes) = (day, minutes) }

  /// Of seconds since 1970, in the time zone of this machine.
  package init(_ seconds: Double) {
    var (time, parts) = (time_t(seconds), tm())
    localtime_r(&time, &parts)
    day = Weekday.allCases[Int(parts.tm_wday) % 7]
    minutes = Int(parts.tm_hour) * 60 + Int(parts.tm_min)
  }
}

extension Weekday {
  var before: Weekday {
    let all = Weekday.allCases
    return all[((all.firstIndex(of: self) ?? 0) + all.count - 1) % all.count]
  }
}
