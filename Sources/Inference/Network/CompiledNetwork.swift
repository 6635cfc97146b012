import Synchronization
import Tensors

/// A network that is made once for a file and its options: the graph with a size for every extent, the weights in the order that
/// kernels read them, the algorithms that were chosen. Sessions run it, any number of them on any threads at once; each costs
/// the memory of its values and inputs, and no weights.
package final class CompiledNetwork: Sendable {
  /// As they were given.
  package let options: NetworkOptions
  package let isa: ISA
  /// The threads of its sessions, unless they bring their own.
  package let pool: ThreadPool
  let weights: Weights
  let choices: TunedChoices

  struct State {
    var recipe: NetworkRecipe
    var latest: NetworkVersion
  }

  let state: Mutex<State>

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
  init(
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

  /// A session that runs the network.
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

  /// Grows when a parameter changes. Reading it takes no lock.
  var version: Int { weights.parameters.version }

  /// A planner with the latest version of the parameters.
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

  /// Takes over parameters that have changed since.
  func follow(_ state: inout State) throws {
    let (version, changes) = weights.parameters.latest
    guard version != state.latest.version else { return }
    let replaced = state.recipe.set(changes)
    state.latest = try state.recipe.network(version, like: state.latest.whole, weights.derived)
    weights.sweep(with: replaced)
  }
}

/// The parameters of a network that have been changed since it was made. Their version grows with each change, and whatever was
/// made of an earlier version is made anew when it is next needed.
final class Parameters: Sendable {
  private let changes = Mutex<[String: Tensor]>([:])
  private let number = Atomic<Int>(0)

  /// Grows with each change. Reading it takes no lock.
  var version: Int { number.load(ordering: .acquiring) }

  /// The version, and by name every tensor that has been given so far, the latest one of each.
  var latest: (version: Int, changes: [String: Tensor]) { changes.withLock { (version, $0) } }

  func set(_ new: [String: Tensor]) {
    changes.withLock {
      $0.merge(new) { $1 }
      number.add(1, ordering: .releasing)
    }
  }
}
