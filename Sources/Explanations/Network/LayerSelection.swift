import Inference
import Telemetry

/// Which layers a method looks at.
package enum LayerSelection: Hashable, Sendable {
  /// The last one that has more than one position.
  case automatic
  /// Those of these ONNX value names; the maps of several are averaged.
  case named([String])
}

extension ExplainedNetwork {
  /// Operators whose output has the positions of another order or meaning than its input's.
  private static let rearranging: Set<String> = ["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand"]

  /// The last layer with more than one position that a value is computed from; nil where there is none.
  func lastSpatialLayer(before target: String) -> String? {
    let reaching = valuesLeading(to: target).subtracting(graph.value(named: target).map { [$0] } ?? [])
    for node in graph.nodes.reversed() where !Self.rearranging.contains(node.op.name) {
      guard let output = node.outputs.first ?? nil, reaching.contains(output) else { continue }
      if extent(of: graph.values[output].name)?.isSpatial == true { return graph.values[output].name }
    }
    return nil
  }

  /// True when a value is computed from another one.
  func value(_ name: String, dependsOn other: String) -> Bool {
    graph.value(named: other).map(valuesLeading(to: name).contains) ?? false
  }

  /// The values that a value is computed from, itself included.
  func valuesLeading(to name: String) -> Set<ValueID> {
    guard let last = graph.value(named: name) else { return [] }
    var found: Set<ValueID> = [last]
    for node in graph.nodes.reversed() where node.outputs.contains(where: { $0.map(found.contains) ?? false }) {
      for case let input? in node.inputs { found.insert(input) }
    }
    return found
  }

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
      guard let extent = extent(of: name) else {
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
