import Tensors

/// Makes plans for one version of a network, for one number of threads and one set of inputs.
struct Planner {
  let network: NetworkVersion
  let isa: ISA
  let lean: Bool
  let precision: Precision
  let weights: Weights
  /// Algorithms of contested layers, where they were measured.
  var choices: TunedChoices = [:]
  var threads = 1
  /// Where the network's inputs lie.
  var inputs: [ValueID: TensorStorage] = [:]

  var prepared: PreparedGraph { network.prepared }

  /// The plan that computes the outputs and the tapped values.
  /// - Parameter earlier: a plan that will not run again.
  func plan(tapping taps: Set<ValueID>, replacing earlier: Plan? = nil) throws -> Plan {
    try plan(prepared.graph(tapping: taps), inputs: inputs, tapping: taps, replacing: earlier)
  }

  /// As above, with backward passes behind it.
  /// - Parameter seeds: where the caller fills in the seeds of each; made where there are none.
  func plan(
    tapping taps: Set<ValueID>, gradients tasks: [GradientTask], seeds given: [[Tensor]]? = nil,
    replacing earlier: Plan?
  ) throws -> (plan: Plan, gradients: [PlannedGradient]) {
    guard !tasks.isEmpty else { return (try plan(tapping: taps, replacing: earlier), []) }
    let (graph, passes) = try addBackwardPasses(tasks, taps)
    let seeds = given ?? passes.map { pass in pass.seeds.map { Tensor(.float32, graph.graph.type(of: $0).shape) } }
    let results = Set(passes.flatMap(\.gradients).compactMap { $0 })
    let kept = taps.union(results)
    var builder = builder(for: Fusion.fuse(graph, keeping: kept, precision), kept)
    for (seed, tensor) in zip(passes.flatMap(\.seeds), seeds.joined()) {
      builder.homes[seed] = [
        .plain: builder.allocate(byteCount: tensor.byteCount, external: tensor.storage, isConstant: false)
      ]
    }
    let plan = try builder.build(reusing: earlier?.arena)
    let gradients = zip(passes, seeds).map { pass, seeds in
      PlannedGradient(pass: pass, seeds: seeds, plan: plan)
    }
    return (plan, gradients)
  }

  /// The main graph with what the taps and the backward passes need, then the backward passes.
  private func addBackwardPasses(
    _ tasks: [GradientTask], _ taps: Set<ValueID>
  ) throws -> (SegmentedGraph, [BackwardPass]) {
    let gradient = GradientBuilder(prepared.graph, derived: weights.derived)
    let passes = try tasks.enumerated().map { number, task in
      try Differentiation.add(
        task, number: number, nodes: prepared.nodes(for: task, original: network.graph), to: gradient)
    }
    let forwardCount = prepared.graph.values.count
    let needed = passes.flatMap(\.nodes).flatMap { $0.inputs.compactMap { $0 } }.filter { $0 < forwardCount }
    var result = SegmentedGraph(graph: gradient.graph, starts: [])
    result.graph.nodes = prepared.graph(tapping: taps.union(needed)).nodes
    for pass in passes {
      result.starts.append(result.graph.nodes.count)
      result.graph.nodes += pass.nodes
    }
    return (result, passes)
  }

  /// The plan of another graph over the same weights, whose inputs lie elsewhere.
  func plan(
    _ other: Graph, inputs: [ValueID: TensorStorage], tapping taps: Set<ValueID>, replacing earlier: Plan?
  ) throws -> Plan {
    let graph = Fusion.fuse(other, keeping: taps, precision)
    var builder = builder(for: SegmentedGraph(graph: graph, starts: []), taps, inputs: inputs)
    return try builder.build(reusing: earlier?.arena)
  }

  /// The layers whose algorithm is worth measuring: of what computes the outputs, whatever is tapped.
  var contestedLayers: [ContestedLayer] {
    let graph = SegmentedGraph(graph: Fusion.fuse(prepared.graph, keeping: [], precision), starts: [])
    return builder(for: graph, []).contestedLayers()
  }

  private func builder(
    for graph: SegmentedGraph, _ taps: Set<ValueID>, inputs: [ValueID: TensorStorage]? = nil
  ) -> PlanBuilder {
    PlanBuilder(
      graph: graph, isa: isa, threads: threads, lean: lean, precision: precision, packed: weights.packed,
      choices: choices, inputs: inputs ?? self.inputs, taps: taps)
  }
}

/// Where the caller finds a backward pass's seeds and results.
struct PlannedGradient {
  /// One for each of `of`.
  let seeds: [Tensor]
  /// One for each of `withRespectTo`, float32, row-major; nil where it is zero everywhere.
  let results: [TensorView?]

  init(pass: BackwardPass, seeds: [Tensor], plan: Plan) {
    self.seeds = seeds
    results = pass.gradients.map { value in
      value.flatMap { value in pass.seeds.firstIndex(of: value).map { seeds[$0].view } ?? plan.taps[value] }
    }
  }
}
