import Inference
import Models
import Settings
import TOML
import Telemetry
import Tensors
import Viewer

/// `[model]`: the network of cameras that name none.
package struct ModelSettings: Sendable, Equatable {
  package var path: String?, sidecar: String?
  package var fit: Fit?

  static let path = Key(
    "file", .file, example: "\"/usr/share/fovea/squeezenet1.1.onnx\"", "the classifier, an ONNX file")
  static let sidecar = Key(
    "sidecar", .file, example: "\"/usr/share/fovea/squeezenet1.1.toml\"",
    "its labels and preprocessing, instead of the .toml file beside it")
  static let fit = Key<Fit?>("fit", .choice, example: "\"pad\"", "how a wide picture meets the network's rectangle")

  static let spec = SectionSpec("model", "The network of cameras that name none.", keys: [path, sidecar, fit])

  init(_ section: Section) { (path, sidecar, fit) = (section[Self.path], section[Self.sidecar], section[Self.fit]) }
}

/// `[engine]`: how networks are computed.
package struct EngineSettings: Sendable, Equatable {
  package var threads: Int?
  package var isa: ISA?
  package var lean: Bool, tunes: Bool
  package var precision: Precision

  static let threads = Key(
    "threads", .integer(1...256), example: "2", "threads of the engine, for all cameras together")
  static let isa = Key<ISA?>(
    "isa", .choice, example: "\"avx2\"", "the instruction set, instead of the best that the CPU has")
  static let lean = Key("lean", .boolean, default: false, "less memory for packed weights, at some cost in speed")
  static let precision = Key("precision", .choice, default: NetworkOptions().precision, "how exactly to compute")
  static let tunes = Key(
    "tune", .boolean, default: true, "measure algorithms when a model is first loaded, and keep the choice in the cache"
  )

  static let spec = SectionSpec(
    "engine", "How networks are computed.", keys: [threads, isa, lean, precision, tunes])

  init(_ section: Section) {
    (threads, isa, lean) = (section[Self.threads], section[Self.isa], section[Self.lean])
    (precision, tunes) = (section[Self.precision], section[Self.tunes])
  }

  /// The engine's own options.
  package var options: NetworkOptions {
    var options = NetworkOptions()
    options.threads = threads ?? options.threads
    (options.isa, options.lean, options.precision) = (isa, lean, precision)
    options.tuning = tunes ? .measured : .rule
    return options
  }
}

/// `[viewer]`: the page and the API.
package struct ViewerSettings: Sendable, Equatable {
  package var host: String, port: Int
  package var token: Secret?
  package var allowedHosts: [String]

  private static let standard = HTTPServerOptions()
  static let host = Key(
    "listen", ValueKind.text("ADDRESS"), default: standard.host,
    "the address of the page; beyond this machine a token is required. A socket of systemd's takes its place")
  static let port = Key("port", .integer(0...65535), default: standard.port, "its port; 0 takes a free one")
  static let token = Key(
    "token", Secret.kind, example: "\"credential:viewer-token\"", "where the token lies that browsers must bring")
  static let allowedHosts = Key(
    "allow_host", list: .text("NAME"), example: "[\"cameras.example.org\"]",
    "names by which browsers may ask for the page, as behind a proxy")

  static let spec = SectionSpec(
    "viewer", "The page, the API and the metrics.", keys: [host, port, token, allowedHosts])

  init(_ section: Section) {
    (host, port) = (section[Self.host], section[Self.port])
    (token, allowedHosts) = (section[Self.token], section[Self.allowedHosts])
  }
}

/// `[storage]`: where recordings and events lie, and how much of them is kept.
package struct StorageSettings: Sendable, Equatable {
  package var folder: String
  package var maxAge: TimeSpan?, maxSize: ByteSize?
  package var minFree: ByteSize

  static let folder = Key(
    "folder", .file, default: "/var/lib/fovea", "where recordings, clips and events.db lie")
  static let maxAge = Key(
    "max_age", TimeSpan.kind(1...1e9), example: "\"30d\"", "recordings and events are deleted when they are older")
  static let maxSize = Key(
    "max_size", ByteSize.kind, example: "\"50GB\"", "the oldest recordings are deleted while all together are larger")
  static let minFree = Key(
    "min_free", ByteSize.kind.written { "\($0.bytes / 1_000_000)MB" }, default: ByteSize(bytes: 500_000_000),
    "the oldest recordings are deleted while the disk has less room; where that does not help, recording stops")

  static let spec = SectionSpec(
    "storage", "Where recordings and events lie, and how much is kept.", keys: [folder, maxAge, maxSize, minFree])

  init(_ section: Section) {
    folder = section[Self.folder]
    (maxAge, maxSize, minFree) = (section[Self.maxAge], section[Self.maxSize], section[Self.minFree])
  }
}

/// `[mqtt]`: the broker that is told of events.
package struct MQTTSettings: Sendable, Equatable {
  package var broker: String
  package var user: String?, password: Secret?
  package var authority: String?
  package var topic: String, clientID: String
  package var discovers: Bool, discoveryTopic: String

  static let broker = Key(
    "broker", required: ValueKind("URL") { try MQTTAddress($0).text }, standIn: "", example: "\"mqtt://localhost\"",
    "mqtt://HOST[:PORT], or mqtts:// for TLS")
  static let user = Key("user", .text("NAME"), example: "\"fovea\"", "the name that the broker asks for")
  static let password = Key("password", Secret.kind, example: "\"credential:mqtt\"", "where its password lies")
  static let authority = Key(
    "ca_file", .file, example: "\"/etc/fovea/broker-ca.pem\"",
    "the certificate that the broker's is signed by, instead of the system's")
  static let topic = Key("topic", ValueKind.text("TOPIC"), default: "fovea", "what all topics begin with")
  static let clientID = Key(
    "client_id", ValueKind.text("NAME"), default: "fovea", "what the broker knows this service by")
  static let discovers = Key("discovery", .boolean, default: true, "tell Home Assistant of the cameras and rules")
  static let discoveryTopic = Key(
    "discovery_topic", ValueKind.text("TOPIC"), default: "homeassistant", "where Home Assistant looks for that")

  static let spec = SectionSpec(
    "mqtt", "The broker that is told of events.",
    keys: [broker, user, password, authority, topic, clientID, discovers, discoveryTopic])

  init(_ section: Section, _ faults: inout [Fault]) {
    (broker, user, password) = (section[Self.broker], section[Self.user], section[Self.password])
    (authority, topic, clientID) = (section[Self.authority], section[Self.topic], section[Self.clientID])
    (discovers, discoveryTopic) = (section[Self.discovers], section[Self.discoveryTopic])
    for key in [Self.topic, Self.discoveryTopic]
    where section[key].contains(where: { "+#".contains($0) }) || section[key].isEmpty {
      faults.append(section.fault(key, "a topic is a text without + and #"))
    }
  }
}

/// `[webhook]`: the address that is told of events.
package struct WebhookSettings: Sendable, Equatable {
  package var url: String
  package var token: Secret?
  package var attempts: Int
  package var timeout: TimeSpan

  static let url = Key(
    "url",
    required: ValueKind("URL", needed: "an http:// or https:// address is needed") { text in
      ["http://", "https://"].contains { text.hasPrefix($0) && text.count > $0.count } ? text : nil
    }, standIn: "", example: "\"https://example.org/fovea\"", "each event is posted there as JSON")
  static let token = Key(
    "token", Secret.kind, example: "\"credential:webhook\"",
    "where the token lies that goes with it, as 'Authorization: Bearer'")
  static let attempts = Key(
    "attempts", .integer(1...100), default: 10,
    "how often an event is sent until it arrives; what waits is kept on disk")
  static let timeout = Key(
    "timeout", TimeSpan.kind(1...300), default: TimeSpan(seconds: 10), "how long one attempt may take")

  static let spec = SectionSpec(
    "webhook", "The address that is told of events.", keys: [url, token, attempts, timeout])

  init(_ section: Section) {
    (url, token) = (section[Self.url], section[Self.token])
    (attempts, timeout) = (section[Self.attempts], section[Self.timeout])
  }
}

extension ValueKind {
  /// The same, whose default is written in another way.
  func written(_ word: @escaping @Sendable (Value) -> String) -> ValueKind {
    var kind = self
    kind.word = word
    return kind
  }
}
