import Tensors

/// Networks that share the packed weights and the parameters of this one.
extension CompiledNetwork {
  /// The network up to these values, which become its outputs: nothing behind the deepest of them is computed.
  package func prefix(to values: [String]) throws -> CompiledNetwork {
    try variant { $0.prefix = values }
  }

  /// The part from one value to another. Its inputs are the first value, then the values that reach the second one on other paths.
  package func tail(from first: String, to last: String) throws -> CompiledNetwork {
    try variant { ($0.tail, $0.prefix) = ((first, last), nil) }
  }

  /// The network for so many pictures in each run: the first axis of every input, output and tap. Each gets the numbers that it gets
  /// alone.
  package func batched(_ count: Int) throws -> CompiledNetwork {
    if state.withLock({ $0.recipe.batch == count }) { return self }
    return try variant { $0.batch = count }
  }

  /// The network for inputs of other extents, by name, also where the model fixes them: a fully convolutional network takes any.
  package func resized(_ inputShapes: [String: Shape]) throws -> CompiledNetwork {
    // Measured choices go by the extents.
    try variant(choices: nil) { $0 = $0.resized(inputShapes) }
  }

  private func variant(_ change: (inout NetworkRecipe) -> Void) throws -> CompiledNetwork {
    try variant(choices: choices, change)
  }

  private func variant(choices: TunedChoices?, _ change: (inout NetworkRecipe) -> Void) throws -> CompiledNetwork {
    var (recipe, latest) = try state.withLock { state in
      try follow(&state)
      return (state.recipe, state.latest)
    }
    change(&recipe)
    let network = try recipe.network(latest.version, like: latest.whole, weights.derived)
    return try CompiledNetwork(recipe, network, options, isa, pool, weights, choices: choices)
  }
}
