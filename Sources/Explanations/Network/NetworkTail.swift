import Inference
import Telemetry
import Tensors

/// The part of a network that follows a layer, as a network of its own: to see what other values of the layer would do.
final class NetworkTail {
  /// The ONNX names of what it reads: the layer first, then what passes the layer by.
  let inputs: [String]
  private let session: Session
  private let target: String

  /// What leads from a layer to a value.
  init(_ layer: String, to target: String, of network: ExplainedNetwork, options: SessionOptions) throws {
    let graph = network.graph
    guard let first = graph.value(named: layer), let last = graph.value(named: target) else {
      throw UserError("the model has no layer '\(layer)' or '\(target)'.", .usage)
    }
    var following: Set<ValueID> = [first]
    for node in graph.nodes where !node.outputs.contains(first) {
      guard node.inputs.contains(where: { $0.map(following.contains) ?? false }) else { continue }
      for case let output? in node.outputs { following.insert(output) }
    }
    guard following.contains(last), last != first else {
      throw UserError("the target does not depend on layer '\(layer)'; name an earlier layer.", .usage)
    }
    let leading = network.valuesLeading(to: target)
    var (outside, tail) = ([first], graph)
    tail.nodes = graph.nodes.filter { node in
      !node.outputs.contains(first)
        && node.outputs.contains { $0.map { following.contains($0) && leading.contains($0) } ?? false }
    }
    for node in tail.nodes {
      for case let input? in node.inputs where !following.contains(input) && !outside.contains(input) {
        if graph.values[input].constant == nil { outside.append(input) }
      }
    }
    tail.inputs = try outside.map { value in
      guard let type = graph.values[value].type, type.element == .float32 else {
        throw UserError("what follows layer '\(layer)' cannot be computed apart; name another layer.", .usage)
      }
      return DeclaredInput(value: value, element: type.element, extents: type.shape.dimensions.map { .fixed($0) })
    }
    tail.outputs = [last]
    inputs = outside.map { graph.values[$0].name }
    self.target = target
    session = try Session(graph: tail, taps: [target], options: options)
  }

  /// The layer's values: what the next run sees.
  var layer: UnsafeMutableBufferPointer<Float> { session.inputs[0].view.floats }

  /// Takes over what the whole network has computed.
  func load(_ run: NetworkRun) {
    for (index, name) in inputs.enumerated() {
      let (to, from) = (session.inputs[index].view.floats, run.tap(name).floats)
      if let source = from.baseAddress { to.baseAddress?.update(from: source, count: to.count) }
    }
  }

  /// The target's value with what the layer holds now.
  func score(_ choice: TargetChoice) throws -> Float {
    try session.run()
    guard let view = session.tap(target) else { return 0 }
    return choice.score(UnsafeBufferPointer(view.floats))
  }
}
