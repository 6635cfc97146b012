import Tensors

/// Makes plans for one prepared network; weights stay packed from one to the next.
struct Planner {
  let prepared: PreparedGraph
  let isa: ISA
  let threads: Int
  let lean: Bool
  let precision: Precision
  let inputs: [ValueID: TensorStorage]
  let packed: PackedWeights
  /// Algorithms of contested layers, where they were measured.
  var choices: TunedChoices = [:]

  /// The plan that computes the outputs and the tapped values.
  /// - Parameter earlier: a plan that will not run again.
  func plan(tapping taps: Set<ValueID>, replacing earlier: Plan? = nil) throws -> Plan {
    let graph = Fusion.fuse(prepared.graph(tapping: taps), keeping: taps)
    var builder = builder(for: graph, taps)
    return try builder.build(reusing: earlier?.arena)
  }

  /// The layers whose algorithm is worth measuring: of what computes the outputs, whatever is tapped.
  var contestedLayers: [ContestedLayer] {
    builder(for: Fusion.fuse(prepared.graph, keeping: []), []).contestedLayers()
  }

  private func builder(for graph: Graph, _ taps: Set<ValueID>) -> PlanBuilder {
    PlanBuilder(
      graph: graph, isa: isa, threads: threads, lean: lean, precision: precision, packed: packed, choices: choices,
      inputs: inputs, taps: taps)
  }
}
