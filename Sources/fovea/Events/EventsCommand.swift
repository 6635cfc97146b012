import Foundation
import Service
import Settings
import Telemetry

/// `fovea events`: what the service's rules have seen.
enum EventsCommand: Command {
  static let camera = Option("camera", .text("NAME"), section: "Events", "only of this camera")
  static let rule = Option("rule", .text("NAME"), section: "Events", "only of this rule")
  static let label = Option("class", .text("CLASS"), section: "Events", "only of classes whose names contain this")
  static let since = Option(
    "since", moment, section: "Events",
    "only from this time on: 2026-03-01, 2026-03-01T07:30 (local time), or 24h for the last day")
  static let until = Option("until", moment, section: "Events", "only before this time")
  static let limit = Option("limit", .integer(1...10_000), default: 50, section: "Events", "the newest so many")
  static let json = Option("json", section: "Events", "JSON Lines, one event each (Docs/JSON.md), instead of a table")

  static let spec = CommandSpec(
    name: "events", summary: "list what the service has seen",
    discussion: "Reads the service's database, whether it runs or not. The newest events come first.",
    options: [ServeCommand.config, camera, rule, label, since, until, limit, json] + ProgramArguments.options,
    examples: [
      ("fovea events --camera front-door --since 24h", "the last day at the front door"),
      ("fovea events --class dog --json | jq .clip", "the clips of all dogs"),
    ])

  private static let moment = ValueKind<Double>(
    "TIME", needed: "a time is needed, such as 2026-03-01, 2026-03-01T07:30 or 24h"
  ) {
    text in
    if let ago = seconds(text) { return Date().timeIntervalSince1970 - ago }
    let reader = DateFormatter()
    reader.locale = Locale(identifier: "en_US_POSIX")
    for pattern in [
      "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd",
    ] {
      reader.dateFormat = pattern
      if let date = reader.date(from: text) { return date.timeIntervalSince1970 }
    }
    return nil
  }

  /// `24h`, `30m`, `7d` as seconds.
  private static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let last = text.last, let unit = units[last] else { return nil }
    return Double(text.dropLast()).flatMap { $0.isFinite && $0 >= 0 ? $0 * unit : nil }
  }

  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let configuration = try ServiceFaults.told { try ServiceConfiguration.read(arguments[ServeCommand.config]) }
    let store = try EventStore(reading: Storage(configuration.storage).database)
    var query = EventStore.Query()
    (query.camera, query.rule, query.label) = (arguments[camera], arguments[rule], arguments[label])
    (query.since, query.until, query.limit) = (arguments[since], arguments[until], arguments[limit])
    let events = try store.events(query)
    try Terminal.writeOut(arguments[json] ? lines(events) : table(events))
  }

  private static func lines(_ events: [Event]) throws -> String {
    try events.map { String(decoding: try JSONText.data($0), as: UTF8.self) + "\n" }.joined()
  }

  private static func table(_ events: [Event]) -> String {
    guard !events.isEmpty else { return "There are no such events.\n" }
    let head = ["ID", "STARTED", "LASTED", "CAMERA", "RULE", "CLASS", "CONFIDENCE", "CLIP"]
    let rows =
      [head]
      + events.map { event in
        [
          "\(event.id)", Storage.time("%Y-%m-%d %H:%M:%S", event.started),
          event.ended.map { String(format: "%.1f s", $0 - event.started) } ?? "lasts",
          event.camera, event.rule, event.label, String(format: "%.2f", event.confidence), event.clip ?? "-",
        ]
      }
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, text in
        column == row.count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count)
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
