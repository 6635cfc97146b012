import CMosquitto
import Foundation
import Synchronization
import Telemetry

/// A connection to a broker that comes back by itself (MQTT 3.1.1, OASIS).
final class MQTTClient: @unchecked Sendable {
  // Safety: libmosquitto has locks of its own; what callbacks change is guarded.
  private static let started: Bool = mosquitto_lib_init() == 0

  private let handle: OpaquePointer
  private let address: MQTTAddress
  private let state = Mutex<(isConnected: Bool, problem: String?)>((false, nil))
  private let acknowledged = NSCondition()
  /// Numbers of messages that the broker has acknowledged while a caller waits for one.
  private var arrived: Set<Int32> = []
  private var onConnect: @Sendable () -> Void = {}

  /// - Parameter will: what the broker publishes, and keeps, when this client vanishes.
  init(
    _ address: MQTTAddress, clientID: String, user: String?, password: String?, authority: String?,
    will: (topic: String, text: String)
  ) throws {
    guard Self.started, let made = mosquitto_new(clientID, true, nil) else {
      throw UserError("the MQTT client cannot start: out of memory")
    }
    (handle, self.address) = (made, address)
    try check(mosquitto_username_pw_set(handle, user, password), "the name and the password for the broker")
    if address.isEncrypted {
      let folder = authority == nil ? "/etc/ssl/certs" : nil
      try check(mosquitto_tls_set(handle, authority, folder, nil, nil, nil), "the certificates for \(address.text)")
    }
    let text = Array(will.text.utf8)
    try check(mosquitto_will_set(handle, will.topic, Int32(text.count), text, 1, true), "the last will")
    mosquitto_reconnect_delay_set(handle, 1, 30, true)
  }

  deinit { mosquitto_destroy(handle) }

  /// Connects now and again after each loss.
  /// - Parameter onConnect: called after each connection, on a thread of the library.
  func start(onConnect: @escaping @Sendable () -> Void) {
    self.onConnect = onConnect
    mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_connect_callback_set(handle) { _, context, code in
      context.map { Unmanaged<MQTTClient>.fromOpaque($0).takeUnretainedValue().connected(code) }
    }
    mosquitto_disconnect_callback_set(handle) { _, context, code in
      context.map { Unmanaged<MQTTClient>.fromOpaque($0).takeUnretainedValue().lost(code) }
    }
    mosquitto_publish_callback_set(handle) { _, context, id in
      context.map { Unmanaged<MQTTClient>.fromOpaque($0).takeUnretainedValue().acknowledge(id) }
    }
    let code = mosquitto_connect_async(handle, address.host, Int32(address.port), 30)
    if code != 0 { say(Self.text(code)) }
    mosquitto_loop_start(handle)
  }

  /// Says farewell, so that the will is not published.
  func stop() {
    mosquitto_disconnect(handle)
    mosquitto_loop_stop(handle, false)
  }

  var isConnected: Bool { state.withLock { $0.isConnected } }

  /// Publishes a text that the broker keeps for later subscribers, and does not wait.
  func retain(_ text: String, at topic: String) {
    let bytes = Array(text.utf8)
    mosquitto_publish(handle, nil, topic, Int32(clamping: bytes.count), bytes, 1, true)
  }

  /// Publishes a text and waits until the broker has it.
  func publish(_ text: String, at topic: String, seconds: Double = 10) -> Sender.Outcome {
    guard isConnected else { return .waiting }
    let bytes = Array(text.utf8)
    var id: Int32 = 0
    let code = mosquitto_publish(handle, &id, topic, Int32(clamping: bytes.count), bytes, 1, false)
    guard code == 0 else { return .failed(Self.text(code)) }
    let end = Date(timeIntervalSinceNow: seconds)
    acknowledged.lock()
    defer { acknowledged.unlock() }
    while !arrived.contains(id) {
      guard acknowledged.wait(until: end) else {
        return .failed("the broker did not acknowledge it in \(Int(seconds)) s")
      }
    }
    arrived.remove(id)
    return .arrived
  }

  private func connected(_ code: Int32) {
    guard code == 0 else { return say(String(cString: mosquitto_connack_string(code))) }
    let wasLost = state.withLock { state in
      defer { state = (true, nil) }
      return state.problem != nil
    }
    if wasLost { ServiceLog.info(stage: "notice", .noticeBack, "the broker \(address.text) is back") }
    onConnect()
  }

  private func lost(_ code: Int32) {
    state.withLock { $0.isConnected = false }
    if code != 0 { say(Self.text(code)) }
  }

  private func acknowledge(_ id: Int32) {
    acknowledged.lock()
    // No caller waits for those that are only retained: without a limit the set would grow for ever.
    if arrived.count > 1000 { arrived.removeAll() }
    arrived.insert(id)
    acknowledged.broadcast()
    acknowledged.unlock()
  }

  private func say(_ reason: String) {
    let isNew = state.withLock { state in
      defer { state = (false, reason) }
      return state.problem != reason
    }
    if isNew {
      ServiceLog.warning(
        stage: "notice", .noticeFailed,
        "the broker \(address.text) cannot be reached: \(reason); messages wait on the disk until it can")
    }
  }

  private func check(_ code: Int32, _ what: String) throws {
    guard code != 0 else { return }
    throw UserError("\(what): \(Self.text(code))", .configuration)
  }

  private static func text(_ code: Int32) -> String {
    code == MOSQ_ERR_ERRNO.rawValue ? String(cString: strerror(errno)) : String(cString: mosquitto_strerror(code))
  }
}
