import CKernels
import Tensors

/// Turns a graph into steps: chooses kernels and layouts, and converts between layouts where it must.
struct PlanBuilder {
  let graph: Graph
  /// Where in the nodes each backward pass begins.
  let starts: [Int]
  let isa: ISA
  let threads: Int
  let lean: Bool
  let precision: Precision
  let packed: PackedWeights
  let choices: TunedChoices
  let taps: Set<ValueID>
  var allocations: [Allocation] = []
  var steps: [PlannedStep] = []
  /// Where each value lies, in each layout that it has been brought to.
  var homes: [ValueID: [TensorLayout: Buffer]] = [:]
  /// Where a value must be put when it is blocked: its place in what a Concat joins.
  var places: [ValueID: Buffer] = [:]
  /// The unit that multiplies bfloat16; nil with other precisions.
  let bf16: fovea_bf16_isa?
  /// Values that are computed and kept as bfloat16.
  private(set) var bfloat16Values: Set<ValueID> = []
  /// Where a value in bfloat16 must be put: its place in what a Concat joins.
  var bfloat16Places: [ValueID: Bfloat16Place] = [:]
  /// For each value the nodes that read it, once per use.
  private let readers: [[Int]]
  /// True while the steps of a backward pass are added.
  private(set) var isBackward = false
  private var tapHomes: [ValueID: PlannedView] = [:]

  /// A builder for a specialised graph whose inputs lie in `inputs`.
  init(
    graph: SegmentedGraph, isa: ISA, threads: Int, lean: Bool, precision: Precision, packed: PackedWeights,
    choices: TunedChoices = [:], inputs: [ValueID: TensorStorage], taps: Set<ValueID>
  ) {
    (self.graph, starts) = (graph.graph, graph.starts)
    (self.isa, self.threads, self.lean, self.precision) = (isa, threads, lean, precision)
    (self.packed, self.choices, self.taps) = (packed, choices, taps)
    bf16 = precision == .bf16 ? Bfloat16.unit : nil
    readers = graph.graph.consumers()
    for (value, storage) in inputs {
      homes[value] = [.plain: allocate(byteCount: storage.bytes.count, external: storage, isConstant: false)]
    }
    if bf16 != nil { bfloat16Values = findBfloat16Values() }
    placeConcatenations()
  }

  /// The only node that reads a value, when the caller does not read it either.
  func soleReader(of value: ValueID) -> Node? {
    guard readers[value].count == 1, !taps.contains(value), !graph.outputs.contains(value) else { return nil }
    return graph.nodes[readers[value][0]]
  }

  /// The whole plan. Outputs in their own type and taps as float32 are kept row-major to the end of the run.
  /// - Parameter arena: that of an earlier plan which will not run again.
  mutating func build(reusing arena: TensorStorage? = nil) throws -> Plan {
    let reachable = taps.sorted()
    for value in reachable where homes[value] != nil || graph.values[value].constant != nil { try keepTap(value) }
    let forward = starts.first ?? graph.nodes.count
    for node in graph.nodes[..<forward] { try addSteps(keepingTapsOf: node) }
    let outputs = try graph.outputs.map { keep(graph.type(of: $0), try plain($0)) }
    let segments = try addSegments()
    return try Plan(
      steps: steps, segments: segments, allocations: allocations, outputs: outputs, taps: tapHomes, reusing: arena)
  }

  /// The backward passes. Each may run without the others, so it finds only what the forward pass has left.
  private mutating func addSegments() throws -> PlanSegments {
    var segments = PlanSegments(forward: steps.count)
    let left = homes
    isBackward = true
    for (index, start) in starts.enumerated() {
      homes = left
      let end = index + 1 < starts.count ? starts[index + 1] : graph.nodes.count
      for node in graph.nodes[start..<end] { try addSteps(keepingTapsOf: node) }
      segments.backward.append(segments.end..<steps.count)
    }
    homes = left
    return segments
  }

  private mutating func addSteps(keepingTapsOf node: Node) throws {
    try addSteps(for: node)
    for case let output? in node.outputs where taps.contains(output) { try keepTap(output) }
  }

  private mutating func addSteps(for node: Node) throws {
    if let op = node.baseOperator as? any Lowerable {
      if let bf16, isBfloat16(node.outputs.first.flatMap({ $0 })), try op.addBfloat16Steps(node, bf16, to: &self) {
        return
      }
      if try op.addSteps(node, to: &self) { return }
    }
    try addReferenceStep(for: node)
  }

  private mutating func keep(_ type: TensorType, _ buffer: Buffer) -> PlannedView {
    allocations[buffer.allocation].livesToEnd = true
    return PlannedView(type: type, buffer: buffer)
  }

  /// Brings a tapped value into row-major float32. Later steps do not read this copy, so that a tap does not change
  /// which layouts and kernels they choose.
  private mutating func keepTap(_ value: ValueID) throws {
    guard tapHomes[value] == nil else { return }
    let saved = homes[value]
    let buffer = try plainFloats(value)
    if let saved { homes[value] = saved }
    tapHomes[value] = keep(TensorType(.float32, graph.type(of: value).shape), buffer)
  }

  /// Memory for a new buffer.
  mutating func allocate(
    byteCount: Int, external: TensorStorage? = nil, isConstant: Bool? = nil
  ) -> Buffer {
    allocations.append(
      Allocation(byteCount: byteCount, external: external, isConstant: isConstant ?? (external != nil)))
    return Buffer(allocation: allocations.count - 1, offset: 0)
  }

  /// Memory that one step uses for itself; nil when it needs none.
  mutating func addScratch(byteCount: Int) -> Buffer? {
    byteCount == 0 ? nil : allocate(byteCount: byteCount)
  }
}
