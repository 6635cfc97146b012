import Foundation
import Output
import Pipeline
import Telemetry
import Viewer

/// The rules of one camera and the events that last now.
struct RuleWatch: @unchecked Sendable {
  // Safety: one thread at a time has it.
  private static let unitCount = 5

  private let camera: Camera
  private let rules: [Rule]
  private let labels: [String], model: String
  private let explainer: EventExplainer
  private var states: [RuleState]
  private var events: [OpenEvent?]

  init(_ camera: Camera, _ rules: [Rule], labels: [String], model: String, _ explainer: EventExplainer) {
    (self.camera, self.rules, self.labels, self.model, self.explainer) = (camera, rules, labels, model, explainer)
    states = rules.map { RuleState(hold: $0.settings.hold.seconds, cooldown: $0.settings.cooldown.seconds) }
    events = rules.map { _ in nil }
  }

  var active: Set<String> {
    Set(rules.indices.filter { states[$0].isActive }.map { rules[$0].settings.name })
  }

  mutating func lose() {
    for index in states.indices { states[index].lose(at: camera.around.clock.now()) }
  }

  mutating func see(
    _ moment: LiveMoment, _ analysis: Analysis, layer: String?, highest: [Float]?, _ baseline: UnitBaseline
  ) {
    guard !rules.isEmpty else { return }
    let (now, wall) = (camera.around.clock.now(), Date().timeIntervalSince1970)
    let format = moment.frame.format
    for index in rules.indices {
      let sight = rules[index].sight(analysis, picture: (format.width, format.height), at: LocalTime(wall)) { match in
        explained(match, moment, analysis)?.explanation
      }
      switch states[index].see(sight, at: now) {
      case .begins:
        guard let match = sight.match else { continue }
        let units = unit(highest, layer, baseline)
        events[index] = OpenEvent.begin(
          rules[index], match, moment, explained(match, moment, analysis), units: units, label: labels[match.index],
          model: model, at: wall, camera)
      case .ends(let last): end(index, at: wall - now.seconds(since: last))
      case nil:
        if let match = sight.match { events[index]?.raise(match, label: labels[match.index]) }
      }
    }
  }

  /// The camera stops: events that last end with it.
  mutating func stop() {
    for index in states.indices where states[index].stop() != nil { end(index, at: Date().timeIntervalSince1970) }
  }

  /// The class that fits, explained on this frame.
  private func explained(_ match: Sight.Match, _ moment: LiveMoment, _ analysis: Analysis)
    -> (analysis: Analysis, explanation: Explanation)?
  {
    do {
      return try explainer.explain(match.index, moment.frame, analysis, having: moment.explanation)
    } catch {
      ServiceLog.warning(
        camera: camera.name, stage: "event", .eventFailed, "\(camera.name): an event cannot be explained: \(error)")
      return nil
    }
  }

  private mutating func end(_ index: Int, at wall: Double) {
    events[index]?.end(at: wall)
    events[index] = nil
  }

  private func unit(_ highest: [Float]?, _ layer: String?, _ baseline: UnitBaseline) -> [Event.Unit] {
    guard let highest, let layer else { return [] }
    return baseline.strongest(highest, count: Self.unitCount).map {
      Event.Unit(
        layer: layer, unit: $0.unit, activation: $0.activation.rounded(toPlaces: 4) ?? 0,
        deviation: $0.deviation.rounded(toPlaces: 2) ?? 0)
    }
  }
}

/// An event that lasts: its row, its clip and its pictures.
struct OpenEvent {
  private var event: Event
  private let camera: Camera
  private let clip: Int?

  static func begin(
    _ rule: Rule, _ match: Sight.Match, _ moment: LiveMoment,
    _ explained: (analysis: Analysis, explanation: Explanation)?, units: [Event.Unit], label: String, model: String,
    at wall: Double, _ camera: Camera
  ) -> OpenEvent? {
    let (settings, explanation) = (rule.settings, explained?.explanation)
    let lasted = settings.hold.seconds > 0 ? " for \(ValueText.seconds(settings.hold.seconds))" : ""
    let confidence = Float(match.confidence).rounded(toPlaces: 4) ?? 0
    var event = Event(
      id: 0, camera: camera.name, rule: settings.name, model: model, label: label, labelId: match.index,
      confidence: confidence, started: (wall * 1000).rounded() / 1000, ended: nil,
      cause: "\(label) had a confidence of \(confidence), more than \(settings.confidence)\(lasted)"
        + (rule.region == nil ? "" : ", with at least \(settings.regionShare) of the heat inside the region"),
      method: explanation?.method.name, target: explanation?.target, peak: nil, units: units, clip: nil, snapshot: nil,
      heat: nil, protected: settings.keeps)
    if let explanation, let peak = explanation.peak, let placement = moment.analysis?.placement {
      let point = placement.point(peak.u, peak.v)
      event.peak = [point.x, point.y].map { ($0 * 10).rounded() / 10 }
    }
    let book = camera.around.events
    do {
      event.id = try book.store.add(event)
    } catch {
      ServiceLog.error(
        camera: camera.name, stage: "event", .eventFailed,
        "\(camera.name): an event of the rule \(settings.name) cannot be kept: \(error)")
      return nil
    }
    savePictures(&event, moment, explained, camera)
    let clip = beginClip(event, camera)
    book.began(event)
    return OpenEvent(event: event, camera: camera, clip: clip)
  }

  /// The snapshot as it was, and the same with its heat and classes.
  private static func savePictures(
    _ event: inout Event, _ moment: LiveMoment, _ explained: (analysis: Analysis, explanation: Explanation)?,
    _ camera: Camera
  ) {
    let storage = camera.around.storage
    let base = storage.event(event)
    do {
      guard Files.makeFolder(storage.path(base).folder) else {
        throw UserError("cannot make the folder \(storage.path(base).folder): \(String(cString: strerror(errno)))")
      }
      try writeWholeFile(moment.jpeg(overlays: []), to: storage.path(base + ".jpg"))
      event.snapshot = base + ".jpg"
      try writeWholeFile(moment.jpeg(explaining: explained), to: storage.path(base + "-heat.jpg"))
      event.heat = base + "-heat.jpg"
    } catch {
      ServiceLog.warning(
        camera: camera.name, stage: "event", .eventFailed, "\(camera.name): the pictures of event \(event.id): \(error)"
      )
    }
    do { try camera.around.events.store.update(event) } catch {
      ServiceLog.warning(
        camera: camera.name, stage: "event", .eventFailed, "\(camera.name): event \(event.id): \(error)")
    }
  }

  private static func beginClip(_ event: Event, _ camera: Camera) -> Int? {
    let (storage, events, id) = (camera.around.storage, camera.around.events, event.id)
    return camera.recorder?.beginClip(storage.path(storage.event(event))) { file in
      guard let file, let name = storage.name(of: file.path) else { return }
      events.finished(clip: name, of: id, file)
    }
  }

  /// The rule still holds, perhaps more clearly.
  mutating func raise(_ match: Sight.Match, label: String) {
    guard match.confidence > event.confidence else { return }
    (event.confidence, event.label, event.labelId) = (
      Float(match.confidence).rounded(toPlaces: 4) ?? event.confidence, label, match.index
    )
  }

  mutating func end(at wall: Double) {
    event.ended = (wall * 1000).rounded() / 1000
    let book = camera.around.events
    do {
      try book.store.end(event)
      // The clip's name may have come meanwhile.
      event = try book.store.event(event.id) ?? event
    } catch {
      ServiceLog.warning(
        camera: camera.name, stage: "event", .eventFailed, "\(camera.name): event \(event.id): \(error)")
    }
    if let clip { camera.recorder?.endClip(clip, after: camera.settings.recording.after.seconds) }
    book.ended(event)
  }
}

/// Numbers in words.
enum ValueText {
  /// `2 s`, `1.5 s`.
  static func seconds(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value)) s" : "\(value) s"
  }
}
