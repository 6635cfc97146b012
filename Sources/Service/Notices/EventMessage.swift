import Telemetry

/// An event as webhooks and MQTT tell of it. JSON in snake case.
struct EventMessage: Encodable {
  /// `begin` or `end`.
  let type: String
  let event: Event

  init(_ event: Event, isBeginning: Bool) { (type, self.event) = (isBeginning ? "begin" : "end", event) }

  var text: String {
    (try? JSONText.data(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
