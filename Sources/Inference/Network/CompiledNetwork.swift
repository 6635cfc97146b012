import Synchronization
import Telemetry
import Tensors

/// A network that is made once for a file and its options: the graph with a size for every extent, the weights in the order that
/// kernels read them, the algorithms that were chosen. Sessions run it, any number of them on any threads at once; each costs
/// the memory of its values and inputs, and no weights.
package final class CompiledNetwork: Sendable {
  /// As they were given.
  package let options: NetworkOptions
  /// What its kernels use.
  package let isa: ISA
  /// The threads of its sessions, unless they bring their own.
  package let pool: ThreadPool
  let weights: Weights
  let choices: TunedChoices

  private struct State {
    var recipe: NetworkRecipe
    var latest: NetworkVersion
  }

  private let state: Mutex<State>

  /// Prepares a network.
  /// - Parameters:
  ///   - graph: as the importer made it, or already specialised.
  ///   - inputShapes: shapes by input name; needed for open extents other than the batch, which is 1 unless given.
  ///   - pool: threads for its sessions; nil: a pool of its own with as many threads as the options say.
  /// - Throws: `InferenceError`.
  package convenience init(
    _ graph: Graph, inputShapes: [String: Shape] = [:], options: NetworkOptions = .init(), pool: ThreadPool? = nil
  ) throws {
    let isa = try ISA.resolved(options.isa)
    try Bfloat16.check(options.precision, isa)
    let recipe = NetworkRecipe(source: graph.unspecialized(), inputShapes: inputShapes)
    let weights = Weights()
    let network = try recipe.network(0, of: graph.specialized(inputs: inputShapes), weights.derived)
    try self.init(recipe, network, options, isa, pool ?? ThreadPool(threads: options.threads), weights, choices: nil)
  }

  /// - Parameter choices: nil where they are still to be made.
  private init(
    _ recipe: NetworkRecipe, _ network: NetworkVersion, _ options: NetworkOptions, _ isa: ISA, _ pool: ThreadPool,
    _ weights: Weights, choices: TunedChoices?
  ) throws {
    (self.options, self.isa, self.pool, self.weights) = (options, isa, pool, weights)
    self.choices = choices ?? Self.measuredChoices(network, options, isa, weights)
    state = Mutex(State(recipe: recipe, latest: network))
  }

  private static func measuredChoices(
    _ network: NetworkVersion, _ options: NetworkOptions, _ isa: ISA, _ weights: Weights
  ) -> TunedChoices {
    guard options.tuning == .measured else { return [:] }
    let planner = Planner(
      network: network, isa: isa, lean: options.lean, precision: options.precision, weights: weights)
    return options.tuningStore.choices(
      for: planner.contestedLayers, model: network.single.fingerprint, isa: isa, lean: options.lean)
  }

  /// The graph, specialised, with the parameters that it was last planned by.
  package var graph: Graph { state.withLock { $0.latest.graph } }

  /// Something that runs it.
  /// - Parameters:
  ///   - taps: ONNX names of values to keep for reading.
  ///   - gradients: what its backward passes compute.
  ///   - pool: other threads than the network's. Numbers do not depend on them.
  /// - Throws: `InferenceError`.
  package func session(
    taps: [String] = [], gradients: [GradientRequest] = [], pool: ThreadPool? = nil
  ) throws -> Session {
    try Session(self, taps: taps, gradients: gradients, pool: pool ?? self.pool)
  }

  // MARK: Variants, which share the packed weights and the parameters

  /// The network up to these values, which become its outputs: nothing behind the deepest of them is computed.
  package func prefix(to values: [String]) throws -> CompiledNetwork {
    try variant { $0.prefix = values }
  }

  /// What leads from a value to another one. Its inputs are the first value, then what passes that by.
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

  // MARK: Parameters

  /// Grows when a parameter changes. Reading it takes no lock.
  var version: Int { weights.parameters.version }

  /// The value of a parameter, by its ONNX name; nil where the model has no constant of this name.
  package func parameter(_ name: String) -> Tensor? {
    weights.parameters.latest.changes[name] ?? state.withLock { $0.recipe.source.constant(named: name) }
  }

  /// Gives parameters other values, in this network and in all that share its weights. A session uses them from its next `run` on: what was made
  /// of these parameters is made again then, and nothing else. Until then its gradients are still those of its last run.
  /// - Parameter changes: tensors by ONNX name, which are not written to afterwards.
  /// - Throws: `InferenceError` for a name that is no parameter, or another shape; then nothing has changed.
  package func setParameters(_ changes: [String: Tensor]) throws {
    for (name, new) in changes {
      guard let old = parameter(name), old.type == .float32 else {
        let known = state.withLock { $0.recipe.source.values.filter { $0.constant?.type == .float32 }.map(\.name) }
        throw InferenceError("the model has no parameter named '\(name)'\(suggestion(for: name, among: known))")
      }
      guard new.type == old.type, new.shape == old.shape else {
        throw InferenceError(
          "parameter '\(name)' is \(old.type) \(old.shape) and cannot become \(new.type) \(new.shape)")
      }
    }
    weights.parameters.set(changes)
  }

  /// What plans sessions by the latest version of the parameters.
  func planner(threads: Int, inputs: [ValueID: TensorStorage]) throws -> Planner {
    Planner(
      network: try current(), isa: isa, lean: options.lean, precision: options.precision, weights: weights,
      choices: choices, threads: threads, inputs: inputs)
  }

  /// The network with the parameters of the latest version.
  func current() throws -> NetworkVersion {
    try state.withLock { state in
      try follow(&state)
      return state.latest
    }
  }

  private func follow(_ state: inout State) throws {
    let (version, changes) = weights.parameters.latest
    guard version != state.latest.version else { return }
    let replaced = state.recipe.set(changes)
    state.latest = try state.recipe.network(version, like: state.latest.whole, weights.derived)
    weights.sweep(with: replaced)
  }
}

/// What is made of a model's weights, for all networks that share them.
final class Weights: Sendable {
  let parameters = Parameters()
  let packed = PackedWeights()
  let derived = DerivedConstants()

  /// Lets go of what was made of tensors that are gone, and of these, which parameters no longer have.
  func sweep(with tensors: [Tensor] = []) {
    derived.sweep(with: tensors)
    packed.sweep(with: tensors)
  }
}
