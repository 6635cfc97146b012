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

  /// The plan that computes the outputs and the tapped values.
  func plan(tapping taps: Set<ValueID>) throws -> Plan {
    let graph = Fusion.fuse(prepared.graph(tapping: taps), keeping: taps)
    var builder = PlanBuilder(
      graph: graph, isa: isa, threads: threads, lean: lean, precision: precision, packed: packed, inputs: inputs,
      taps: taps)
    return try builder.build()
  }
}
