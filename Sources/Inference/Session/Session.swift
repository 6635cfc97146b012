import Telemetry
import Tensors

/// A network that is ready to run on inputs of one shape.
///
/// Made once (slow: types, constants, passes, packing, memory), run often: `run` allocates nothing.
package final class Session: @unchecked Sendable {
  // Safety: used by one thread at a time, as its callers promise.

  /// The network's inputs, row-major; the caller fills the views, then calls `run`.
  package let inputs: [(name: String, view: TensorView)]
  /// What its kernels use.
  package let isa: ISA
  let graph: Graph
  let planner: Planner
  let pool: ThreadPool
  private var taps: [String: ValueID] = [:]
  private(set) var plan: Plan
  private(set) var requests: [GradientRequest] = []
  private(set) var gradients: [SessionGradient] = []

  /// Prepares a network.
  /// - Parameters:
  ///   - graph: as the importer made it, or already specialised.
  ///   - inputShapes: shapes by input name; needed for open extents other than the batch, which is 1 unless given.
  ///   - taps: ONNX names of values to keep for reading.
  /// - Throws: `InferenceError`.
  package init(
    graph: Graph, inputShapes: [String: Shape] = [:], taps: [String] = [], options: SessionOptions = .init()
  ) throws {
    guard (1...256).contains(options.threads) else {
      throw InferenceError("\(options.threads) threads were asked for; use 1 to 256")
    }
    let isa = try ISA.resolved(options.isa)
    try Bfloat16.check(options.precision, isa)
    let single = try graph.specialized(inputs: inputShapes)
    let specialised = options.batch == 1 ? single : try single.batched(options.batch)
    var storage: [ValueID: TensorStorage] = [:]
    inputs = specialised.inputs.map { input in
      let type = specialised.type(of: input.value)
      let tensor = Tensor(type.element, type.shape)
      storage[input.value] = tensor.storage
      return (specialised.values[input.value].name, tensor.view)
    }
    self.graph = specialised
    pool = try ThreadPool(threads: options.threads)
    (self.isa, self.taps) = (isa, try Self.resolve(taps, in: specialised))
    var planner = Planner(
      prepared: PreparedGraph(specialised), isa: isa, threads: options.threads, lean: options.lean,
      precision: options.precision, inputs: storage, packed: PackedWeights())
    if options.tuning == .measured {
      planner.choices = options.tuningStore.choices(
        for: planner.contestedLayers, model: single.fingerprint, isa: isa, lean: options.lean)
    }
    self.planner = planner
    plan = try planner.plan(tapping: Set(self.taps.values))
  }

  /// The same network with a plan and values of its own.
  init(besides other: Session, taps: [String]) throws {
    (inputs, isa, graph, planner, pool) = (other.inputs, other.isa, other.graph, other.planner, other.pool)
    self.taps = try Self.resolve(taps, in: graph)
    plan = try planner.plan(tapping: Set(self.taps.values))
  }

  /// Computes the outputs and taps from what the inputs hold.
  package func run() throws {
    plan.run(on: pool)
  }

  /// The network's answers, row-major, valid until the next run.
  package var outputs: [(name: String, view: TensorView)] {
    zip(graph.outputs, plan.outputs).map { (graph.values[$0].name, $1) }
  }

  /// The value of this name as float32, row-major, valid until the next run; nil when it is not tapped.
  package func tap(_ name: String) -> TensorView? {
    taps[name].flatMap { plan.taps[$0] }
  }

  /// Keeps other values for reading, and gets ready for these gradients, from now on. The numbers that the network computes do not
  /// change.
  /// - Throws: `InferenceError` for a name that the graph does not have, with the nearest that it has, and for operators that have no
  ///   gradient, all of them; the taps and gradients stay as they were.
  package func setTaps(_ names: [String], gradients requests: [GradientRequest] = []) throws {
    let wanted = try Self.resolve(names, in: graph)
    let tasks = try requests.map { try task(for: $0) }
    let planned = try planner.plan(
      tapping: Set(wanted.values), gradients: tasks, original: graph, replacing: plan)
    (plan, taps, self.requests) = (planned.plan, wanted, requests)
    gradients = zip(zip(requests, tasks), planned.gradients).map {
      SessionGradient($0.0, $0.1, planned: $1, graph)
    }
  }

  /// What `run` does, in order.
  package var steps: [StepDescription] { plan.steps[..<plan.segments.forward].map(\.description) }

  /// Bytes of the memory that values share.
  package var arenaByteCount: Int { plan.arenaByteCount }

  static func resolve(_ names: [String], in graph: Graph) throws -> [String: ValueID] {
    var taps: [String: ValueID] = [:]
    for name in names {
      guard let value = graph.value(named: name), graph.values[value].type != nil else {
        let known = graph.values.lazy.filter { $0.type != nil && $0.constant == nil }.map(\.name)
        throw InferenceError("the model has no value named '\(name)'\(suggestion(for: name, among: known))")
      }
      taps[name] = value
    }
    return taps
  }
}
