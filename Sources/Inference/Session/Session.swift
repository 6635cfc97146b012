import Tensors

/// Runs a network: has inputs of its own, and memory for the values of one run.
///
/// A plan is made when the session is, and again when it is to keep other values or the network's parameters have changed. Between
/// these `run` allocates nothing.
package final class Session: @unchecked Sendable {
  // Safety: used by one thread at a time, as its callers promise.

  /// Shared with other sessions.
  package let network: CompiledNetwork
  /// The threads that share its steps.
  package let pool: ThreadPool
  /// The network's inputs, row-major; the caller fills the views, then calls `run`.
  package let inputs: [(name: String, view: TensorView)]
  private(set) var planner: Planner
  private(set) var plan: Plan
  private(set) var requests: [GradientRequest] = []
  private(set) var gradients: [SessionGradient] = []
  private var taps: [String: ValueID] = [:]

  init(_ network: CompiledNetwork, taps: [String], gradients: [GradientRequest], pool: ThreadPool) throws {
    (self.network, self.pool) = (network, pool)
    let graph = try network.current().graph
    var storage: [ValueID: TensorStorage] = [:]
    inputs = graph.inputs.map { input in
      let type = graph.type(of: input.value)
      let tensor = Tensor(type.element, type.shape)
      storage[input.value] = tensor.storage
      return (graph.values[input.value].name, tensor.view)
    }
    planner = try network.planner(threads: pool.threads, inputs: storage)
    let first = try Self.plan(planner, taps, gradients)
    (plan, self.taps, requests, self.gradients) = (first.plan, first.taps, gradients, first.gradients)
  }

  /// Takes over what the inputs of another session of the same network hold.
  package func copyInputs(of other: Session) {
    for (to, from) in zip(inputs, other.inputs) {
      precondition(to.view.type == from.view.type && to.view.shape == from.view.shape, "sessions of one network")
      to.view.pointer.copyMemory(from: from.view.pointer, byteCount: from.view.type.size * from.view.shape.count)
    }
  }

  /// Computes the outputs and taps from what the inputs hold, by the parameters that the network has now. Backward passes until the next
  /// run are by the same parameters, whatever happens to them meanwhile.
  package func run() throws {
    if planner.network.version != network.version {
      try prepare(Array(taps.keys), requests, seeds: gradients.map(\.seeds))
      network.weights.sweep()
    }
    plan.run(on: pool)
  }

  /// The network's answers, row-major, valid until the next run.
  package var outputs: [(name: String, view: TensorView)] {
    zip(planner.network.graph.outputs, plan.outputs).map { (planner.network.graph.values[$0].name, $1) }
  }

  /// One of the answers, valid until the next run. Allocates nothing.
  package func output(_ index: Int) -> TensorView { plan.outputs[index] }

  /// The value of this name as float32, row-major, valid until the next run; nil when it is not tapped.
  package func tap(_ name: String) -> TensorView? {
    taps[name].flatMap { plan.taps[$0] }
  }

  /// Keeps other values for reading, and gets ready for these gradients, from now on. The numbers that the network computes do not
  /// change.
  /// - Throws: `InferenceError` for a name that the graph does not have, with the nearest that it has, and for operators that have no
  ///   gradient, all of them; the taps and gradients stay as they were.
  package func setTaps(_ names: [String], gradients requests: [GradientRequest] = []) throws {
    try prepare(names, requests, seeds: nil)
  }

  /// What `run` does, in order.
  package var steps: [StepDescription] { plan.steps[..<plan.segments.forward].map(\.description) }

  package var arenaByteCount: Int { plan.arenaByteCount }

  /// A planner with the parameters that the network has now.
  func latestPlanner() throws -> Planner {
    guard planner.network.version != network.version else { return planner }
    return try network.planner(threads: pool.threads, inputs: planner.inputs)
  }

  private func prepare(_ names: [String], _ requests: [GradientRequest], seeds: [[Tensor]]?) throws {
    let latest = try latestPlanner()
    let next = try Self.plan(latest, names, requests, seeds: seeds, replacing: plan)
    (planner, plan, taps, gradients, self.requests) = (latest, next.plan, next.taps, next.gradients, requests)
  }

  private typealias Prepared = (plan: Plan, taps: [String: ValueID], gradients: [SessionGradient])

  private static func plan(
    _ planner: Planner, _ names: [String], _ requests: [GradientRequest], seeds: [[Tensor]]? = nil,
    replacing earlier: Plan? = nil
  ) throws -> Prepared {
    let graph = planner.network.graph
    let taps = Dictionary(try names.map { ($0, try graph.value(wanted: $0)) }) { $1 }
    let tasks = try requests.map { try task(for: $0, in: graph) }
    let planned = try planner.plan(
      tapping: Set(taps.values), gradients: tasks, seeds: seeds, replacing: earlier)
    let gradients = zip(zip(requests, tasks), planned.gradients).map {
      SessionGradient($0.0, $0.1, planned: $1, graph)
    }
    return (planned.plan, taps, gradients)
  }
}
