import Inference
import Telemetry

/// Which layers a method looks at.
package enum LayerSelection: Hashable, Sendable {
  /// The last layer with more than one position that all paths to the target lead through.
  case automatic
  /// The layers with these ONNX value names; the maps of several are averaged.
  case named([String])
}

extension ExplainedNetwork {
  /// The last layer with more than one position that all paths to a value lead through; where there is none, the last one
  /// that the value is computed from; nil where no layer has positions.
  func lastSpatialLayer(before target: String) -> String? {
    guard let end = graph.value(named: target) else { return nil }
    let reaching = valuesLeading(to: target)
    let layers = graph.nodes.reversed().lazy.filter { !$0.op.rearrangesPositions }
      .compactMap { $0.outputs.first ?? nil }
      .filter { $0 != end && reaching.contains($0) && self.isMap($0) }
    return (layers.first { passesAll($0, to: end, reaching) } ?? layers.first).map { graph.values[$0].name }
  }

  /// True when all paths from the input to `end` lead through this value.
  private func passesAll(_ value: ValueID, to end: ValueID, _ reaching: Set<ValueID>) -> Bool {
    var following: Set<ValueID> = [value]
    for node in graph.nodes where !node.outputs.contains(value) {
      let outputs = node.outputs.compactMap { $0 }
      guard outputs.contains(where: reaching.contains) else { continue }
      let inputs = node.inputs.compactMap { $0 }.filter { graph.values[$0].constant == nil }
      guard inputs.contains(where: following.contains) else { continue }
      guard inputs.allSatisfy(following.contains) else { return false }
      following.formUnion(outputs)
    }
    return following.contains(end)
  }

  /// True when a value is computed from another one.
  func value(_ name: String, dependsOn other: String) -> Bool {
    graph.value(named: other).map(valuesLeading(to: name).contains) ?? false
  }

  /// The values that the value of this name is computed from, itself included.
  func valuesLeading(to name: String) -> Set<ValueID> { graph.value(named: name).map(graph.valuesLeading) ?? [] }

  /// The ONNX names of the chosen layers. Throws for names that the graph does not have, and for layers without
  /// positions, saying what would work.
  /// - Parameter target: the value that is explained.
  package func layers(_ selection: LayerSelection, before target: String, for title: String) throws -> [String] {
    guard let last = lastSpatialLayer(before: target) else {
      throw UserError(
        "no layer of this network has more than one position for an input of "
          + "\(inputExtent.width)x\(inputExtent.height) pixels, which \(title) needs; use a larger input or a method of "
          + "the input such as gradient.")
    }
    guard case .named(let names) = selection, !names.isEmpty else { return [last] }
    for name in names {
      guard let extent = layout(of: name)?.extent else {
        let known = graph.values.lazy.filter { $0.type != nil && $0.constant == nil }.map(\.name)
        throw UserError("the model has no layer '\(name)'\(suggestion(for: name, among: known)).", .usage)
      }
      guard extent.isSpatial else {
        throw UserError(
          "layer '\(name)' has \(extent.channels) values without positions, and \(title) needs a map; the last layer "
            + "with one is '\(last)'.", .usage)
      }
    }
    return names
  }
}
