import Foundation
import Output
import Synchronization
import Telemetry

/// Who is told of events: MQTT, webhooks.
package protocol EventListener: Sendable {
  /// An event has begun or ended. Must not wait.
  func note(_ event: Event, isBeginning: Bool)
}

/// Where events go: the database, and those who are told.
package final class EventBook: Sendable {
  package let store: EventStore
  private let listeners: Mutex<[any EventListener]>
  private let counts = Mutex<[String: [String: Int]]>([:])

  package init(_ store: EventStore, listeners: [any EventListener] = []) {
    self.store = store
    self.listeners = Mutex(listeners)
  }

  /// From now on these are told, instead of others.
  package func tell(_ others: [any EventListener]) { listeners.withLock { $0 = others } }

  /// How many events began, by camera and rule.
  package var begun: [String: [String: Int]] { counts.withLock { $0 } }

  func began(_ event: Event) {
    counts.withLock { $0[event.camera, default: [:]][event.rule, default: 0] += 1 }
    ServiceLog.info(
      camera: event.camera, stage: "event", .eventBegan,
      "\(event.camera): event \(event.id), rule \(event.rule): \(event.cause)",
      fields: ["EVENT": "\(event.id)", "RULE": event.rule, "CLASS": event.label])
    for listener in listeners.withLock({ $0 }) { listener.note(event, isBeginning: true) }
  }

  func ended(_ event: Event) {
    let seconds = ((event.ended ?? event.started) - event.started).rounded(toPlaces: 1) ?? 0
    ServiceLog.info(
      camera: event.camera, stage: "event", .eventEnded,
      "\(event.camera): event \(event.id) is over after \(seconds) s",
      fields: ["EVENT": "\(event.id)", "RULE": event.rule, "CLASS": event.label])
    for listener in listeners.withLock({ $0 }) { listener.note(event, isBeginning: false) }
  }

  /// An event's clip is complete.
  func finished(clip: String, of id: Int64, _ file: RecordedFile) {
    do { try store.set(clip: clip, of: id) } catch { Log.warning("the clip of event \(id): \(error)") }
  }
}
