import Foundation
import Telemetry
import Viewer

/// A camera in `/v1/cameras`. JSON in snake case.
struct CameraReport: Encodable {
  let name: String
  /// opening, no signal, streaming, waiting, paused, ended
  let status: String
  /// Why there is no picture; null while there is one.
  @Nullable var problem: String?
  let source: String
  @Nullable var model: String?
  @Nullable var width: Int?
  @Nullable var height: Int?
  let captured: Int, analysed: Int, dropped: Int
  let skipped: [String: Int]
  let label: String
  let confidence: Double
  /// Rules with an event that lasts.
  let rules: [String]
  let recording: Recording
  let restarts: Int

  struct Recording: Encodable {
    let kind: String
    let files: Int, frames: Int, lost: Int
    @Nullable var problem: String?
  }

  init(_ camera: Camera) {
    let (viewer, watch) = (camera.viewer, camera.watch)
    let frames = viewer?.ledger ?? FrameLedger()
    name = camera.name
    status = viewer?.status ?? "opening"
    source = camera.settings.source.displayName
    (captured, analysed, dropped) = (frames.captured, frames.analysed, frames.dropped)
    skipped = Dictionary(uniqueKeysWithValues: frames.skipped.map { ($0.key.rawValue, $0.value) })
    label = watch?.latest.label ?? ""
    confidence = watch?.latest.confidence.rounded(toPlaces: 4) ?? 0
    rules = (watch?.activeRules ?? []).sorted()
    restarts = camera.restarts
    let report = camera.recorder?.report
    recording = Recording(
      kind: camera.recorder == nil ? "off" : camera.settings.recording.kind.rawValue, files: report?.files ?? 0,
      frames: report?.frames ?? 0, lost: report?.lost ?? 0, problem: report?.problem)
    problem = camera.problem
    model = viewer?.modelName
    width = viewer?.format.width
    height = viewer?.format.height
  }
}

/// `/v1/service`. JSON in snake case.
struct ServiceReport: Encodable {
  let version: String
  let uptime: Double
  let cameras: Int
  let folder: String
  @Nullable var freeBytes: Int?
  /// Why the last change of the configuration was not applied; null where it was.
  @Nullable var problem: String?

  init(_ service: Service) {
    version = programVersion
    uptime = service.uptime.rounded(toPlaces: 1) ?? 0
    cameras = service.cameras.count
    folder = service.storage.folder
    freeBytes = service.storage.free
    problem = service.reloadProblem
  }
}
