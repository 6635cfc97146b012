import Foundation
import Settings
import TOML
import Telemetry

/// All that `fovea serve` is told: the configuration file, its drop-ins and the environment.
package struct ServiceConfiguration: Sendable, Equatable {
  package var model: ModelSettings
  package var engine: EngineSettings
  package var viewer: ViewerSettings
  package var storage: StorageSettings
  package var mqtt: MQTTSettings?
  package var webhook: WebhookSettings?
  package var cameras: [CameraSettings]

  /// Every table of the file, in the order of its documentation.
  package static let sections = [
    ViewerSettings.spec, ModelSettings.spec, EngineSettings.spec, StorageSettings.spec, MQTTSettings.spec,
    WebhookSettings.spec, CameraSettings.spec,
  ]

  /// Reads a file, then the files of `conf.d` beside it in the order of their names, then variables of the environment.
  ///
  /// Later files win over earlier ones key by key; their cameras are added. `FOVEA_VIEWER_PORT` stands for the key `port` of
  /// `[viewer]`, `FOVEA_CAMERA_FRONT_DOOR_RATE` for the key `rate` of the camera `front-door`.
  /// - Throws: `ConfigurationFaults` with everything that is wrong.
  package static func read(_ path: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws
    -> ServiceConfiguration
  {
    var faults: [Fault] = []
    var root = Section(file: path, place: TOMLPlace(line: 1, column: 1))
    for file in [path] + dropIns(of: path) {
      do {
        var reader = ConfigurationReader(file: file)
        let table = try TOMLFile.read(file)
        root.merge(
          reader.read(table, at: TOMLPlace(line: 1, column: 1), keys: [], inner: sections, title: ""))
        faults += reader.faults
      } catch {
        faults.append(Fault(file: file, place: nil, sentence: "\(error)"))
      }
    }
    var variables = EnvironmentOverrides(environment)
    variables.apply(to: &root)
    faults += variables.faults
    let configuration = ServiceConfiguration(root, path, &faults)
    guard faults.isEmpty else { throw ConfigurationFaults(faults) }
    return configuration
  }

  /// The drop-ins of a configuration file.
  package static func dropIns(of path: String) -> [String] {
    let folder = path.folder.appending(name: "conf.d")
    return Files.names(in: folder).filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.sorted()
      .map { folder.appending(name: $0) }
  }

  private init(_ root: Section, _ path: String, _ faults: inout [Fault]) {
    func only(_ spec: SectionSpec) -> Section {
      let all = root[inner: spec]
      return all.dropFirst().reduce(into: all.first ?? Section(file: path, place: root.place)) { $0.merge($1) }
    }
    func optional(_ spec: SectionSpec) -> Section? { root[inner: spec].isEmpty ? nil : only(spec) }
    model = ModelSettings(only(ModelSettings.spec))
    engine = EngineSettings(only(EngineSettings.spec))
    viewer = ViewerSettings(only(ViewerSettings.spec))
    storage = StorageSettings(only(StorageSettings.spec))
    mqtt = optional(MQTTSettings.spec).map { MQTTSettings($0, &faults) }
    webhook = optional(WebhookSettings.spec).map(WebhookSettings.init)
    cameras = root[inner: CameraSettings.spec].map { CameraSettings($0, &faults) }
    checkNames(&faults)
  }

  private func checkNames(_ faults: inout [Fault]) {
    var seen: [String: CameraSettings] = [:]
    for camera in cameras where !camera.name.isEmpty {
      if let other = seen[camera.name.lowercased()]?.section.section {
        let place = "\(other.file), line \(other.place(of: CameraSettings.name).line)"
        faults.append(
          camera.section.section.fault(CameraSettings.name, "another camera is called '\(camera.name)' too (\(place))"))
      }
      seen[camera.name.lowercased()] = camera
    }
  }
}

/// Everything that is wrong with a configuration.
package struct ConfigurationFaults: Error, CustomStringConvertible, Sendable {
  package let faults: [Fault]

  package init(_ faults: [Fault]) {
    self.faults = faults.sorted {
      ($0.file, $0.place ?? TOMLPlace(line: 0, column: 0)) < ($1.file, $1.place ?? TOMLPlace(line: 0, column: 0))
    }
  }

  /// One line each.
  package var description: String { faults.map(\.description).joined(separator: "\n") }
}
