import Explanations
import Inference
import Models
import Synchronization
import Telemetry
import Tensors

/// A network as cameras share it: loaded and compiled once.
package struct SharedNetwork: Sendable {
  package let model: Model
  package let compiled: CompiledNetwork
  /// How many classes it has.
  package let classes: Int
}

/// The networks that cameras use, by what the configuration says of them. All have the same threads, which take turns step by step, so
/// that no camera waits for another one's whole frame.
package final class NetworkShelf: Sendable {
  /// What tells networks apart.
  package struct Label: Hashable, Sendable {
    package var path: String
    package var sidecar: String?
    package var fit: Fit?
  }

  private let options: NetworkOptions
  private let pool: ThreadPool
  private let standard: @Sendable () throws -> String
  private let shelf = Mutex<[Label: SharedNetwork]>([:])

  /// - Parameter standard: the path of the model where the configuration names none.
  package init(_ options: NetworkOptions, standard: @escaping @Sendable () throws -> String) throws {
    (self.options, self.standard) = (options, standard)
    pool = try ThreadPool(threads: options.threads)
  }

  /// The network of a camera. Loading one takes its time; other cameras that want it wait for it.
  package func network(of camera: CameraSettings, _ common: ModelSettings) throws -> SharedNetwork {
    let label = try label(of: camera, common)
    return try shelf.withLock { shelf in
      if let known = shelf[label] { return known }
      let model = try Model.load(
        path: label.path, sidecar: label.sidecar, overrides: ModelOverrides(fit: label.fit))
      for warning in model.warnings { Log.warning(warning) }
      let compiled = try CompiledNetwork(model.graph, options: options, pool: pool)
      let classes = try ExplainedNetwork(model.graph, output: model.outputIndex, scores: model.scores).classes
      let made = SharedNetwork(model: model, compiled: compiled, classes: classes)
      shelf[label] = made
      return made
    }
  }

  /// What a camera's network is told apart by.
  package func label(of camera: CameraSettings, _ common: ModelSettings) throws -> Label {
    guard let path = camera.model else {
      return Label(
        path: try common.path ?? standard(), sidecar: camera.sidecar ?? common.sidecar, fit: camera.fit ?? common.fit)
    }
    return Label(path: path, sidecar: camera.sidecar, fit: camera.fit)
  }

  /// Forgets networks that no camera uses any more.
  package func keep(_ labels: Set<Label>) {
    shelf.withLock { shelf in shelf = shelf.filter { labels.contains($0.key) } }
  }
}
