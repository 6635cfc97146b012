import Inference
import Output
import Pipeline
import Telemetry

/// What only the models and the file system show of a configuration: classes that rules name, layers, places of outputs.
struct ConfigurationCheck {
  private let shelf: NetworkShelf
  private let configuration: ServiceConfiguration

  init(_ shelf: NetworkShelf, _ configuration: ServiceConfiguration) {
    (self.shelf, self.configuration) = (shelf, configuration)
  }

  func run() throws {
    var faults: [Fault] = []
    for camera in configuration.cameras {
      checkModel(camera, &faults)
      checkOutputs(camera, &faults)
    }
    guard faults.isEmpty else { throw ConfigurationFaults(faults) }
  }

  private func checkModel(_ camera: CameraSettings, _ faults: inout [Fault]) {
    let section = camera.section.section
    let key: any KeySpec = camera.model == nil ? CameraSettings.name : CameraSettings.model
    do {
      let network = try shelf.network(of: camera, configuration.model)
      let labels = (0..<network.classes).map { network.model.labels[$0] }
      for rule in camera.rules {
        do { _ = try Rule(rule, labels: labels, model: network.model.name) } catch let error as RuleFault {
          faults.append(error.fault)
        }
      }
      if let layer = camera.layer, !network.compiled.graph.values.contains(where: { $0.name == layer }) {
        let known = network.compiled.graph.values.lazy.filter { $0.constant == nil && $0.type != nil }.map(\.name)
        faults.append(
          section.fault(
            CameraSettings.layer, "the model has no layer '\(layer)'\(suggestion(for: layer, among: known))"))
      }
      do { _ = try NamedTarget(camera.target, of: network.model) } catch {
        faults.append(section.fault(CameraSettings.target, "\(error)"))
      }
    } catch {
      faults.append(section.fault(key, "\(error)"))
    }
  }

  private func checkOutputs(_ camera: CameraSettings, _ faults: inout [Fault]) {
    for output in camera.outputs {
      do {
        if try Destination(output) == .pipe { throw UserError("a service has no standard output to write pictures to") }
      } catch {
        faults.append(camera.section.section.fault(CameraSettings.outputs, "\(error)"))
      }
    }
  }
}
