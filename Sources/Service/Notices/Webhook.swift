import CCurl
import Foundation
import Telemetry

/// Posts each event as JSON to an address.
final class Webhook: EventListener {
  private let sender: Sender

  /// Reads the token.
  init(_ settings: WebhookSettings, _ store: EventStore) throws {
    let token = try settings.token?.read()
    let title = "the webhook \(Self.shown(settings.url))"
    sender = Sender(Outbox(store, channel: "webhook"), title: title, attempts: settings.attempts) { body in
      Self.post(body, to: settings.url, token: token, seconds: settings.timeout.seconds)
    }
  }

  func start() { sender.start() }
  func stop() { sender.stop() }

  func note(_ event: Event, isBeginning: Bool) { sender.add(EventMessage(event, isBeginning: isBeginning).text) }

  private static func post(_ body: String, to url: String, token: String?, seconds: Double) -> Sender.Outcome {
    var message = [CChar](repeating: 0, count: 256)
    let status = fovea_post_json(url, token, body, body.utf8.count, max(1, Int(seconds.rounded(.up))), &message)
    if (200..<300).contains(status) { return .arrived }
    if status > 0 { return .failed("the answer was HTTP status \(status)") }
    return .failed(String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// The address without a name, a password and a query, which may hold secrets.
  private static func shown(_ url: String) -> String {
    guard var parts = URLComponents(string: url) else { return "" }
    (parts.user, parts.password, parts.query, parts.fragment) = (nil, nil, nil, nil)
    return parts.string ?? ""
  }
}
