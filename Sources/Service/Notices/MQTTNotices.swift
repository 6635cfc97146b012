import Foundation
import Telemetry

/// Tells an MQTT broker of events, and Home Assistant what there is to know (home-assistant.io, "MQTT Discovery").
///
/// Below the configured topic: `status` is online or offline; `CAMERA/events` has each event's beginning and end as JSON;
/// `CAMERA/RULE` is ON while an event of the rule lasts, else OFF. `status` and the rules are retained.
final class MQTTNotices: EventListener, @unchecked Sendable {
  // Safety: constant but for `active`, which `lock` guards.
  private let client: MQTTClient
  private let settings: MQTTSettings
  private let rules: [(camera: String, rule: String)]
  private let lock = NSLock()
  /// Rules with an event that lasts, by topic.
  private var active: [String: Int] = [:]
  private let sender: Sender

  /// Reads the password.
  init(_ settings: MQTTSettings, _ cameras: [CameraSettings], _ store: EventStore) throws {
    self.settings = settings
    rules = Self.rules(of: cameras)
    let client = try MQTTClient(
      MQTTAddress(settings.broker), clientID: settings.clientID, user: settings.user,
      password: settings.password?.read(), authority: settings.authority, will: ("\(settings.topic)/status", "offline"))
    self.client = client
    sender = Sender(Outbox(store, channel: "mqtt"), title: "the broker \(settings.broker)", attempts: nil) { letter in
      guard let line = letter.firstIndex(of: "\n") else { return .arrived }
      return client.publish(String(letter[letter.index(after: line)...]), at: String(letter[..<line]))
    }
  }

  /// What subscribers and Home Assistant know: the names of cameras with those of their rules.
  static func rules(of cameras: [CameraSettings]) -> [(camera: String, rule: String)] {
    cameras.flatMap { camera in camera.rules.map { (camera.name, $0.name) } }
  }

  func start() {
    // Weak: the client keeps this closure, and this object keeps the client.
    client.start { [weak self] in
      self?.announce()
      self?.sender.wake()
    }
    sender.start()
  }

  func stop() {
    sender.stop()
    client.retain("offline", at: "\(settings.topic)/status")
    client.stop()
  }

  func note(_ event: Event, isBeginning: Bool) {
    let topic = "\(settings.topic)/\(event.camera)"
    sender.add("\(topic)/events\n\(EventMessage(event, isBeginning: isBeginning).text)")
    let rule = "\(topic)/\(event.rule)"
    lock.lock()
    active[rule, default: 0] = max(0, active[rule, default: 0] + (isBeginning ? 1 : -1))
    let isOn = active[rule] ?? 0 > 0
    lock.unlock()
    if client.isConnected { client.retain(isOn ? "ON" : "OFF", at: rule) }
  }

  /// All that is retained, after each connection: the broker may have lost it.
  private func announce() {
    client.retain("online", at: "\(settings.topic)/status")
    lock.lock()
    let active = active
    lock.unlock()
    for (camera, rule) in rules {
      let topic = "\(settings.topic)/\(camera)/\(rule)"
      client.retain(active[topic] ?? 0 > 0 ? "ON" : "OFF", at: topic)
      if settings.discovers { client.retain(discovery(camera, rule), at: discoveryTopic(camera, rule)) }
    }
  }

  private func discoveryTopic(_ camera: String, _ rule: String) -> String {
    "\(settings.discoveryTopic)/binary_sensor/\(identity(camera, rule))/config"
  }

  private func identity(_ camera: String, _ rule: String) -> String { "\(settings.clientID)_\(camera)_\(rule)" }

  /// The configuration of a binary sensor.
  private struct Discovery: Encodable {
    struct Device: Encodable {
      let identifiers: [String]
      let name: String
      let manufacturer = "Fovea", model = "fovea serve"
      let swVersion = programVersion
    }
    let name: String, uniqueId: String, stateTopic: String, availabilityTopic: String, jsonAttributesTopic: String
    let jsonAttributesTemplate = "{{ value_json.event | tojson }}"
    let device: Device
  }

  private func discovery(_ camera: String, _ rule: String) -> String {
    let topic = "\(settings.topic)/\(camera)"
    let report = Discovery(
      name: rule, uniqueId: identity(camera, rule), stateTopic: "\(topic)/\(rule)",
      availabilityTopic: "\(settings.topic)/status", jsonAttributesTopic: "\(topic)/events",
      device: .init(identifiers: ["\(settings.clientID)_\(camera)"], name: camera))
    return (try? JSONText.data(report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
