import Synchronization
import Telemetry

/// The listeners that the configuration names, from start to stop.
final class NoticeDesk: Sendable {
  private struct Desk: Sendable {
    var mqtt: (settings: MQTTSettings, cameras: [CameraSettings], notices: MQTTNotices)?
    var webhook: (settings: WebhookSettings, hook: Webhook)?
  }
  private let desk = Mutex(Desk())
  private let book: EventBook

  init(_ book: EventBook) { self.book = book }

  /// Begins what is new, ends what is gone, and leaves alone what is the same.
  /// - Throws: a sentence for a secret that cannot be read; then nothing is changed.
  func apply(_ configuration: ServiceConfiguration) throws {
    try desk.withLock { desk in
      var next = Desk()
      if let settings = configuration.mqtt {
        if let same = desk.mqtt, same.settings == settings, Self.hasSameRules(same.cameras, configuration.cameras) {
          next.mqtt = same
        } else {
          next.mqtt = (
            settings, configuration.cameras, try MQTTNotices(settings, configuration.cameras, book.store)
          )
        }
      }
      if let settings = configuration.webhook {
        if let same = desk.webhook, same.settings == settings {
          next.webhook = same
        } else {
          next.webhook = (settings, try Webhook(settings, book.store))
        }
      }
      if let old = desk.mqtt?.notices, old !== next.mqtt?.notices { old.stop() }
      if let old = desk.webhook?.hook, old !== next.webhook?.hook { old.stop() }
      if let new = next.mqtt?.notices, new !== desk.mqtt?.notices { new.start() }
      if let new = next.webhook?.hook, new !== desk.webhook?.hook { new.start() }
      desk = next
      let listeners: [(any EventListener)?] = [next.mqtt?.notices, next.webhook?.hook]
      book.tell(listeners.compactMap { $0 })
    }
  }

  private static func hasSameRules(_ a: [CameraSettings], _ b: [CameraSettings]) -> Bool {
    MQTTNotices.rules(of: a).elementsEqual(MQTTNotices.rules(of: b)) { $0 == $1 }
  }

  func stop() {
    desk.withLock { desk in
      desk.mqtt?.notices.stop()
      desk.webhook?.hook.stop()
      desk = Desk()
    }
  }
}
