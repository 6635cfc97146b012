import Foundation
import Inference
import Synchronization
import Telemetry
import Viewer

/// `fovea serve`: all cameras of a configuration, from `start` to `stop`, with what they share.
package final class Service: Sendable {
  private struct State: Sendable {
    var configuration: ServiceConfiguration
    var cameras: [Camera]
    var problem: String?
  }

  package let events: EventBook
  package let storage: Storage
  private let path: String
  private let standardModel: @Sendable () throws -> String
  private let clock: any TimeSource
  private let began: MonotonicTime
  private let shelf: NetworkShelf
  private let retention: Retention
  private let notices: NoticeDesk
  private let state: Mutex<State>
  private let reloading = Mutex(())

  /// Opens the database and completes what an earlier run left; no camera is opened yet.
  /// - Parameters:
  ///   - path: the configuration file, for `reload`.
  ///   - standardModel: the path of the model where the configuration names none.
  package init(
    _ configuration: ServiceConfiguration, path: String, clock: any TimeSource = SystemTime(),
    standardModel: @escaping @Sendable () throws -> String
  ) throws {
    (self.path, self.clock, self.standardModel) = (path, clock, standardModel)
    began = clock.now()
    storage = Storage(configuration.storage)
    storage.recover()
    events = EventBook(try EventStore(storage.database))
    shelf = try NetworkShelf(configuration.engine.options, standard: standardModel)
    retention = Retention(storage, events.store)
    notices = NoticeDesk(events)
    state = Mutex(State(configuration: configuration, cameras: []))
  }

  package var configuration: ServiceConfiguration { state.withLock { $0.configuration } }
  /// In the order of the configuration.
  package var cameras: [Camera] { state.withLock { $0.cameras } }
  package var uptime: Double { clock.now().seconds(since: began) }
  /// Why the last change of the configuration was not applied; nil where it was.
  package var reloadProblem: String? { state.withLock { $0.problem } }

  /// The camera of this name.
  package func camera(_ name: String) -> Camera? { cameras.first { $0.name == name } }

  /// Finds faults that only the models show, without a service.
  /// - Throws: `ConfigurationFaults`.
  package static func check(
    _ configuration: ServiceConfiguration, standardModel: @escaping @Sendable () throws -> String
  ) throws {
    let shelf = try NetworkShelf(configuration.engine.options, standard: standardModel)
    try ConfigurationCheck(shelf, configuration).run()
  }

  /// Finds faults that only the models show: classes that rules name, layers, methods. Loads each model once.
  /// - Throws: `ConfigurationFaults`.
  package func check(_ configuration: ServiceConfiguration) throws {
    try ConfigurationCheck(shelf, configuration).run()
  }

  /// - Throws: a sentence for a secret that cannot be read.
  package func start() throws {
    try notices.apply(configuration)
    let around = surroundings(configuration)
    let cameras = configuration.cameras.map { Camera($0, around) }
    state.withLock { $0.cameras = cameras }
    for camera in cameras { camera.start() }
    retention.start()
  }

  /// Ends all cameras; returns when all files are complete.
  package func stop() {
    let cameras = cameras
    for camera in cameras { camera.requestStop() }
    for camera in cameras { camera.wait() }
    retention.stop()
    notices.stop()
  }

  /// Reads the configuration again and applies what has changed: cameras that are the same go on, with their viewers and recordings.
  /// - Throws: `ConfigurationFaults`, or a sentence; then everything goes on as it was.
  package func reload() throws {
    try reloading.withLock { _ in
      do {
        let next = try ServiceConfiguration.read(path)
        try check(next)
        try apply(next)
        state.withLock { $0.problem = nil }
      } catch {
        state.withLock { $0.problem = "\(error)" }
        throw error
      }
    }
  }

  private func apply(_ next: ServiceConfiguration) throws {
    let before = configuration
    if let key = before.differenceForRestart(to: next) {
      throw UserError("'\(key)' has changed, which takes a restart: systemctl restart fovea", .configuration)
    }
    try notices.apply(next)
    let around = surroundings(next)
    let isSame = { (camera: Camera) in
      next.cameras.contains(camera.settings) && before.model == next.model
    }
    let old = cameras
    let leaving = old.filter { !isSame($0) }
    for camera in leaving { camera.requestStop() }
    for camera in leaving { camera.wait() }
    var added: [Camera] = []
    let cameras = next.cameras.map { settings in
      if let kept = old.first(where: { $0.settings == settings && isSame($0) }) { return kept }
      let camera = Camera(settings, around)
      added.append(camera)
      return camera
    }
    state.withLock { ($0.configuration, $0.cameras) = (next, cameras) }
    for camera in added { camera.start() }
    shelf.keep(Set(next.cameras.compactMap { try? shelf.label(of: $0, next.model) }))
    ServiceLog.info(
      stage: "service", .reloaded,
      "the configuration is applied: \(added.count) cameras begin, \(leaving.count) ended, \(cameras.count - added.count) go on"
    )
  }

  private func surroundings(_ configuration: ServiceConfiguration) -> CameraSurroundings {
    CameraSurroundings(shelf: shelf, model: configuration.model, storage: storage, events: events, clock: clock)
  }
}

extension ServiceConfiguration {
  /// A table that only a restart can change; nil where none differs.
  func differenceForRestart(to other: ServiceConfiguration) -> String? {
    if engine != other.engine { return EngineSettings.spec.name }
    if viewer != other.viewer { return ViewerSettings.spec.name }
    if storage != other.storage { return StorageSettings.spec.name }
    return nil
  }
}
