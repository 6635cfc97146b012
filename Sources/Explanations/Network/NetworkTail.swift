import Inference
import Telemetry
import Tensors

/// The part of a network that follows a layer, as a network of its own: to see what other values of the layer would do.
final class NetworkTail {
  private let session: Session
  private let target: String
  private let layout: LayerLayout

  /// The part of a network from a layer to a value.
  /// - Parameter whole: runs the whole network.
  init(_ layer: String, to target: String, of network: ExplainedNetwork, _ whole: Session) throws {
    guard layer != target, let layout = network.layout(of: layer), network.value(target, dependsOn: layer) else {
      throw UserError("the target does not depend on layer '\(layer)'; name an earlier layer.", .usage)
    }
    (self.target, self.layout) = (target, layout)
    do {
      session = try whole.network.tail(from: layer, to: target).session(taps: [target], pool: whole.pool)
    } catch let error as InferenceError {
      throw UserError("layer '\(layer)' cannot be changed apart: \(error); name another layer.", .usage)
    }
  }

  /// The ONNX names of what it reads: the layer first, then the values that reach the target on other paths.
  var inputs: [String] { session.inputs.map(\.name) }

  /// Sets what the next run sees of one of the layer's channels, row-major; nil: zeros.
  func setChannel(_ index: Int, _ values: UnsafePointer<Float>?) {
    layout.scatter(values, index, into: session.inputs[0].view.pointer.assumingMemoryBound(to: Float.self))
  }

  /// Takes over what the whole network has computed.
  func load(_ run: NetworkRun) {
    for (name, view) in session.inputs {
      let (to, from) = (view.floats, run.tap(name).floats)
      if let source = from.baseAddress { to.baseAddress?.update(from: source, count: to.count) }
    }
  }

  func score(_ choice: TargetChoice) throws -> Float {
    try session.run()
    guard let view = session.tap(target) else { return 0 }
    return choice.score(UnsafeBufferPointer(view.floats))
  }
}
