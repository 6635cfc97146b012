import Telemetry
import Tensors

extension Graph {
  /// The value of this name.
  /// - Throws: `InferenceError`, with the nearest name that there is.
  func value(wanted name: String) throws -> ValueID {
    guard let value = value(named: name), values[value].type != nil else {
      let known = values.lazy.filter { $0.type != nil && $0.constant == nil }.map(\.name)
      throw InferenceError("the model has no value named '\(name)'\(suggestion(for: name, among: known))")
    }
    return value
  }

  /// A specialised graph that computes these values and nothing behind them.
  func prefix(to values: [ValueID]) -> Graph {
    var graph = self
    (graph.nodes, graph.outputs) = (nodes.needed(for: values), values)
    graph.isSpecialized = true
    return graph
  }

  /// The part from one value to another, as a specialised graph of its own. Its inputs are the first value, then the values that
  /// reach the second one on other paths.
  /// - Throws: `InferenceError` where the second does not depend on the first, or where a value on another path is not float32.
  func tail(from first: String, to last: String) throws -> Graph {
    let (start, end) = (try value(wanted: first), try value(wanted: last))
    var isBehind = [Bool](repeating: false, count: values.count)
    isBehind[start] = true
    var behind: [Node] = []
    for node in nodes.needed(for: [end]) where !node.outputs.contains(start) {
      guard node.inputs.contains(where: { $0.map { isBehind[$0] } ?? false }) else { continue }
      for case let output? in node.outputs { isBehind[output] = true }
      behind.append(node)
    }
    guard isBehind[end], start != end else {
      throw InferenceError("value '\(last)' does not depend on value '\(first)'; name an earlier one")
    }
    var read = [start]
    for case let input? in behind.flatMap(\.inputs) where !isBehind[input] && !read.contains(input) {
      if values[input].constant == nil { read.append(input) }
    }
    var tail = self
    (tail.nodes, tail.outputs) = (behind, [end])
    tail.inputs = try read.map { value in
      let type = type(of: value)
      guard type.element == .float32 else {
        throw InferenceError(
          "what follows '\(first)' also reads '\(values[value].name)', which is \(type); only float32 values can be given"
        )
      }
      return DeclaredInput(value: value, element: type.element, extents: type.shape.dimensions.map { .fixed($0) })
    }
    return try tail.specialized(inputs: [:])
  }
}
