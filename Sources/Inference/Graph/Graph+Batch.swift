import Tensors

extension Graph {
  /// The graph of one picture for several at once: the first axis of every input, and so of what is computed from it, grows.
  /// - Parameter growing: how many of the inputs are pictures, the first ones; nil: all of them.
  /// - Throws: `InferenceError` when the graph is not made for one picture or has the batch written into it.
  func batched(_ count: Int, growing: Int? = nil) throws -> Graph {
    guard isSpecialized, (1...256).contains(count) else {
      throw InferenceError("a batch of \(count) is not possible; use 1 to 256")
    }
    var graph = self
    for index in graph.inputs.indices.prefix(growing ?? graph.inputs.count) {
      guard let extents = inputs[index].extents, extents.count > 1, case .fixed(1) = extents[0] else {
        throw InferenceError("input '\(values[inputs[index].value].name)' is not one picture, which a batch is made of")
      }
      graph.inputs[index].extents?[0] = .fixed(count)
    }
    let result = try graph.specialized(inputs: [:])
    for node in result.nodes {
      for case let output? in node.outputs {
        let (one, many) = (type(of: output).shape, result.type(of: output).shape)
        guard one.rank > 0, one[0] == 1, many.dimensions == [count] + one.dimensions.dropFirst() else {
          throw InferenceError(node, "the batch is not the first axis of its result, so pictures cannot be gathered")
        }
      }
    }
    return result
  }

  /// Numbers in the weights of fully connected layers: read once for each run, whatever the batch.
  package var fullyConnectedWeights: Int {
    nodes.filter { $0.op.kind == .linear }.reduce(0) { sum, node in
      sum
        + node.inputs.compactMap { $0.flatMap { values[$0].constant } }.filter { $0.shape.rank == 2 }
        .reduce(0) { $0 + $1.shape.count }
    }
  }
}
