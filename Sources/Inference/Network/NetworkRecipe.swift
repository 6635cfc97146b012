import Tensors

/// How the graph that a network computes comes about. It is followed when the network is made, and again when a parameter has changed.
struct NetworkRecipe: Sendable {
  /// The model's graph, nothing folded, with the parameters of the latest version.
  var source: Graph
  /// The extents of inputs that the model leaves open, by name.
  var inputShapes: [String: Shape]
  /// Only what leads from the first value to the second is computed.
  var tail: (from: String, to: String)?
  /// Pictures of one run.
  var batch = 1
  /// Only these values are computed, and what leads to them.
  var prefix: [String]?

  /// The graph and its prepared form.
  /// - Parameters:
  ///   - version: of the parameters that `source` has.
  ///   - earlier: the model's graph specialised for other extents or with other parameters.
  func network(_ version: Int, like earlier: Graph?, _ derived: DerivedConstants) throws -> NetworkVersion {
    try network(version, of: source.specialized(inputs: inputShapes, like: earlier), derived)
  }

  /// - Parameter whole: the source, specialised.
  func network(_ version: Int, of whole: Graph, _ derived: DerivedConstants) throws -> NetworkVersion {
    var graph = whole
    if let tail { graph = try graph.tail(from: tail.from, to: tail.to) }
    let single = graph
    if batch != 1 { graph = try graph.batched(batch) }
    var prepared = PreparedGraph(graph, derived: derived)
    if let prefix {
      let values = try prefix.map { try graph.value(wanted: $0) }
      graph = graph.prefix(to: values)
      prepared.cut(to: values)
    }
    return NetworkVersion(version: version, whole: whole, single: single, graph: graph, prepared: prepared)
  }

  /// Other extents for some inputs, those that the model fixes included.
  func resized(_ shapes: [String: Shape]) -> NetworkRecipe {
    var recipe = self
    for (index, input) in source.inputs.enumerated() where shapes[source.values[input.value].name] != nil {
      recipe.source.inputs[index].extents = nil
    }
    recipe.inputShapes.merge(shapes) { $1 }
    return recipe
  }

  /// Takes over these parameters; returns the tensors that they replace.
  mutating func set(_ parameters: [String: Tensor]) -> [Tensor] {
    var replaced: [Tensor] = []
    for index in source.values.indices {
      guard let old = source.values[index].constant, let new = parameters[source.values[index].name],
        old.storage !== new.storage
      else { continue }
      source.values[index].constant = new
      replaced.append(old)
    }
    return replaced
  }
}

/// A network with the parameters of one version.
struct NetworkVersion: Sendable {
  let version: Int
  /// The model's whole graph, specialised.
  let whole: Graph
  let single: Graph
  /// The graph that is computed.
  let graph: Graph
  let prepared: PreparedGraph
}
