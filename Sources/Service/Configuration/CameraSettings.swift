import Capture
import Explanations
import Frames
import Models
import Pipeline
import Settings
import TOML
import Telemetry
import Tensors

/// `[[camera]]`: where pictures come from, what looks at them, and what is kept.
package struct CameraSettings: Sendable, Equatable {
  package var name: String
  package var source: SourceAddress
  package var user: String?, password: Secret?
  package var size: PictureSize?, format: String?
  package var frameRate: Double?
  package var controls: [CameraSetting]
  package var timeout: TimeSpan
  package var transport: Transport
  package var model: String?, sidecar: String?
  package var fit: Fit?
  package var analysisRate: Double
  package var saliency: String?
  package var target: String, layer: String?
  package var topK: Int
  package var gate: GateMode, gateDifference: Double, maxAge: TimeSpan
  package var recording: RecordingSettings
  package var outputs: [String]
  package var rules: [RuleSettings]
  /// For messages.
  package var section: SectionPlace

  /// Whether the network skips pictures that stand still.
  package enum GateMode: String, CaseIterable, Sendable { case off, still }

  /// How RTSP brings its packets.
  package enum Transport: String, CaseIterable, Sendable { case tcp, udp }
}

/// Where a table stands in the configuration. Two places are always equal: moving a table changes no camera.
package struct SectionPlace: Sendable, Equatable {
  package var section: Section
  /// Always true.
  package static func == (a: Self, b: Self) -> Bool { true }
}

extension CameraSettings {
  static let name = Key(
    "name", required: Name.kind, standIn: "", example: "\"front-door\"",
    "what the page, events, folders, metrics and MQTT topics call it")
  static let source = Key(
    "source", required: ValueKind("ADDRESS") { try SourceAddress($0) }, standIn: .synthetic(""),
    example: "\"rtsp://192.168.1.20/stream1\"",
    "where its pictures come from: a device (/dev/video0, camera:NAME), rtsp://, http:// (MJPEG), a file, or synthetic:"
  )
  static let user = Key("user", .text("NAME"), example: "\"viewer\"", "the name that a network camera asks for")
  static let password = Key(
    "password", Secret.kind, example: "\"credential:front-door\"", "where its password lies")
  static let size = Key(
    "size", PictureSize.kind(limit: 16384, example: "640x360"), example: "\"640x360\"",
    "columns and rows asked of a V4L2 camera")
  static let format = Key(
    "camera_format", .text("NAME"), example: "\"mjpeg\"", "pixel format asked of a V4L2 camera")
  static let frameRate = Key(
    "rate", .number(0.1...1000) as ValueKind<Double>, example: "15", "frames per second asked of a V4L2 camera")
  static let control = Key(
    "control", list: ValueKind("NAME=VALUE") { try CameraSetting($0) }, example: "[\"exposure_time_absolute=200\"]",
    "controls of a V4L2 camera that are set")
  static let timeout = Key(
    "timeout", TimeSpan.kind(0.1...3600), default: TimeSpan(seconds: 10),
    "how long it may give nothing before it counts as lost")
  static let transport = Key(
    "transport", .choice, default: Transport.tcp, "how an RTSP camera sends: tcp loses no packets, udp delays less")

  static let model = Key(
    "model", .file, example: "\"/usr/share/fovea/squeezenet1.1.onnx\"", "its network, instead of [model]'s")
  static let sidecar = Key(
    "sidecar", .file, example: "\"/usr/share/fovea/squeezenet1.1.toml\"", "labels and preprocessing of that network")
  static let fit = Key<Fit?>("fit", .choice, example: "\"pad\"", "how a wide picture meets the network's rectangle")
  static let analysisRate = Key(
    "analysis_rate", .number(0...1000) as ValueKind<Double>, default: 0,
    "frames per second that the network looks at, at most; 0 for all")
  static let saliency = Key(
    "saliency", ValueKind("METHOD") { try $0 == "none" ? $0 : MethodTable.method(named: $0).info.name },
    default: MethodTable.standard, "what shows where the network looked, or none; 'fovea methods' lists them")
  static let target = Key(
    "target", .text("TARGET"), default: "top", "what is explained: \(Target.syntax)")
  static let layer = Key(
    "layer", .text("NAME"), example: "\"fire9/concat\"",
    "the layer whose units events name, instead of the last convolution")
  static let topK = Key("top_k", .integer(1...20), default: Wishes.standardTop, "how many classes are named")

  static let gate = Key(
    "gate", .choice, default: GateMode.still,
    "still: the network skips pictures that equal the last one it saw; off: it sees all")
  static let gateDifference = Key(
    "gate_difference", .number(0...1) as ValueKind<Double>, default: StillGate.standardDifference,
    "how much a part of the network's input may differ, as a share of its range, and still count as the same")
  static let maxAge = Key(
    "max_age", TimeSpan.kind(0.1...86400), default: TimeSpan(seconds: 10), "the network looks at least this often")
  static let outputs = Key(
    "outputs", list: .text("OUTPUT"), example: "[\"rtsp://127.0.0.1:8554/front\", \"v4l2:/dev/video10\"]",
    "where its picture with the overlays goes as well: rtsp://, rtmp://, v4l2:, …")

  /// The table's keys.
  static let spec = SectionSpec(
    "camera", isRepeated: true, "A camera; any number of them.",
    keys: [
      name, source, user, password, size, format, frameRate, control, timeout, transport, model, sidecar, fit,
      analysisRate, saliency, target, layer, topK, gate, gateDifference, maxAge, outputs,
    ] + RecordingSettings.keys, inner: [RuleSettings.spec])

  init(_ section: Section, _ faults: inout [Fault]) {
    (name, source) = (section[Self.name], section[Self.source])
    (user, password) = (section[Self.user], section[Self.password])
    (size, format, frameRate) = (section[Self.size], section[Self.format], section[Self.frameRate])
    (controls, timeout, transport) = (section[Self.control], section[Self.timeout], section[Self.transport])
    (model, sidecar, fit) = (section[Self.model], section[Self.sidecar], section[Self.fit])
    (analysisRate, target, layer) = (section[Self.analysisRate], section[Self.target], section[Self.layer])
    saliency = section[Self.saliency] == "none" ? nil : section[Self.saliency]
    (topK, gate) = (section[Self.topK], section[Self.gate])
    (gateDifference, maxAge) = (section[Self.gateDifference], section[Self.maxAge])
    recording = RecordingSettings(section)
    outputs = section[Self.outputs]
    rules = section[inner: RuleSettings.spec].map { RuleSettings($0, &faults) }
    self.section = SectionPlace(section: section)
    check(section, &faults)
  }

  private func check(_ section: Section, _ faults: inout [Fault]) {
    if password != nil, user == nil {
      faults.append(section.fault(Self.password, "a password needs a 'user' beside it"))
    }
    if case .file(let path) = source, !Files.exists(path) {
      faults.append(section.fault(Self.source, "there is no file \(path)"))
    }
    if source == .standardInput {
      faults.append(
        section.fault(Self.source, "a service has no standard input to read; name a device, a file or a URL"))
    }
    var seen: Set<String> = []
    for rule in rules where !seen.insert(rule.name).inserted {
      faults.append(
        rule.section.section.fault(RuleSettings.name, "another rule of this camera is called '\(rule.name)' too"))
    }
  }
}

/// What of a camera is recorded.
package struct RecordingSettings: Sendable, Equatable {
  package var kind: Kind, moment: Moment
  package var segment: TimeSpan, pattern: String
  package var container: Container
  package var before: TimeSpan, after: TimeSpan
  package var hasData: Bool
  package var codec: String?, crf: Double?, preset: String?

  /// What a recording holds.
  package enum Kind: String, CaseIterable, Sendable {
    case off
    /// The camera's own packets.
    case source
    /// The picture with its overlays.
    case annotated
  }
  /// When it is recorded.
  package enum Moment: String, CaseIterable, Sendable { case always, events }
  /// The kind of file.
  package enum Container: String, CaseIterable, Sendable { case auto, mp4, mkv }

  static let kind = Key(
    "record", .choice, default: Kind.source,
    "source keeps the camera's own pictures and sound without encoding them again, annotated the picture with its overlays; off "
      + "records nothing")
  static let moment = Key(
    "record_when", .choice, default: Moment.events, "always, or only around events, as clips")
  static let segment = Key(
    "segment", TimeSpan.kind(1...86400), default: TimeSpan(seconds: 600), "how long each file of a recording lasts")
  static let pattern = Key(
    "pattern", .text("NAME"), default: "%Y-%m-%d/%H-%M-%S",
    "the name of each file below STORAGE/recordings/CAMERA, from the local time as strftime(3) writes it")
  static let container = Key(
    "container", .choice, default: Container.auto,
    "the kind of file; auto is mp4 where it can hold the camera's codecs, else mkv")
  static let before = Key(
    "before", TimeSpan.kind(0...60), default: TimeSpan(seconds: 5), "how much of an event's clip comes before it")
  static let after = Key(
    "after", TimeSpan.kind(0...600), default: TimeSpan(seconds: 5), "how much of an event's clip comes after it")
  static let data = Key(
    "data", .boolean, default: true,
    "JSON Lines beside each recording: what the network said, and a heat map twice a second")
  static let codec = Key("codec", .text("NAME"), example: "\"libx264\"", "the encoder where pictures are encoded")
  static let crf = Key(
    "crf", .number(0...63) as ValueKind<Double>, example: "23", "its constant quality; lower is better")
  static let preset = Key("preset", .text("NAME"), example: "\"ultrafast\"", "its speed")

  static let keys: [any KeySpec] = [
    kind, moment, segment, pattern, container, before, after, data, codec, crf, preset,
  ]

  init(_ section: Section) {
    (kind, moment, segment) = (section[Self.kind], section[Self.moment], section[Self.segment])
    (pattern, container) = (section[Self.pattern], section[Self.container])
    (before, after, hasData) = (section[Self.before], section[Self.after], section[Self.data])
    (codec, crf, preset) = (section[Self.codec], section[Self.crf], section[Self.preset])
  }
}
