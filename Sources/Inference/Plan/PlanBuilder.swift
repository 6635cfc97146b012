import Tensors

/// Turns a graph into steps: chooses kernels and layouts, and converts between layouts where it must.
struct PlanBuilder {
  let graph: Graph
  let isa: ISA
  var regions: [Region] = []
  var steps: [PlannedStep] = []
  /// Where each value lies, in each layout that it has been brought to.
  var homes: [ValueID: [Layout: Buffer]] = [:]

  /// A builder for a specialised graph whose inputs lie in `inputs`.
  init(graph: Graph, isa: ISA, inputs: [ValueID: TensorStorage]) {
    (self.graph, self.isa) = (graph, isa)
    for (value, storage) in inputs {
      homes[value] = [.plain: addRegion(byteCount: storage.bytes.count, external: storage)]
    }
  }

  /// The whole plan. Outputs in their own type and taps as float32 are kept row-major to the end of the run.
  mutating func build(taps: Set<ValueID>) throws -> Plan {
    for node in graph.nodes { try addSteps(for: node) }
    var outputViews: [PlannedView] = []
    var tapViews: [ValueID: PlannedView] = [:]
    for output in graph.outputs { outputViews.append(keep(graph.type(of: output), plain(output))) }
    for value in taps.sorted() {
      tapViews[value] = keep(TensorType(.float32, graph.type(of: value).shape), plainFloats(value))
    }
    return try Plan(steps: steps, regions: regions, outputs: outputViews, taps: tapViews)
  }

  private mutating func addSteps(for node: Node) throws {
    try addReferenceStep(for: node)
  }

  private mutating func keep(_ type: TensorType, _ buffer: Buffer) -> PlannedView {
    regions[buffer.region].livesToEnd = true
    return PlannedView(type: type, buffer: buffer)
  }

  /// Memory for something new.
  mutating func addRegion(byteCount: Int, external: TensorStorage? = nil) -> Buffer {
    regions.append(Region(byteCount: byteCount, external: external))
    return Buffer(region: regions.count - 1, offset: 0)
  }

  /// Where the row-major elements of a value are.
  mutating func plain(_ value: ValueID) -> Buffer {
    if let home = homes[value]?[.plain] { return home }
    if let constant = graph.values[value].constant {
      let buffer = addRegion(byteCount: constant.byteCount, external: constant.storage)
      homes[value, default: [:]][.plain] = buffer
      return buffer
    }
    preconditionFailure("value '\(graph.values[value].name)' is read before it is computed")
  }

  /// A place for the row-major elements of a value that the next step computes.
  mutating func newPlain(_ value: ValueID) -> Buffer {
    let type = graph.type(of: value)
    let buffer = addRegion(byteCount: type.element.size * type.shape.count)
    homes[value, default: [:]][.plain] = buffer
    return buffer
  }
}
