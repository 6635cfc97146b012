import Tensors
import Testing

@testable import Inference
@testable import ONNX

/// What operators state of themselves holds for their references, in every fixture of one node.
@Suite struct OperatorFactsTests {
  @Test func factsHold() throws {
    var seen: [String: Int] = [:]
    for test in try OperatorCases.families.flatMap(OperatorCases.load) {
      let shapes = Dictionary(test.inputs.map { ($0.name, $0.tensor.shape) }) { $1 }
      let graph = try importModel(bytes: test.model, name: test.name).graph.specialized(inputs: shapes)
      guard graph.nodes.count == 1, let single = FactCase(graph, test) else { continue }
      for fact in try single.check() { seen[fact, default: 0] += 1 }
    }
    for (fact, least) in [("keeps", 8), ("no-op", 2), ("window", 30), ("pointwise", 10), ("channelwise", 60)] {
      #expect(seen[fact, default: 0] >= least, "\(fact): only \(seen[fact, default: 0]) cases")
    }
  }
}

/// One node with what it is given.
private struct FactCase {
  let graph: Graph
  let node: Node
  let feeds: [String: Tensor]
  let title: String
  let input: ValueID
  let output: ValueID

  init?(_ graph: Graph, _ test: OperatorCase) {
    let node = graph.nodes[0]
    guard let input = node.inputs.first ?? nil, let output = node.outputs.first ?? nil, graph.outputs.first == output,
      graph.values[input].constant == nil
    else { return nil }
    (self.graph, self.node, self.input, self.output) = (graph, node, input, output)
    feeds = Dictionary(test.inputs.map { ($0.name, $0.tensor) }) { $1 }
    title = "\(node.op.name): \(test.name)"
  }

  /// Checks all that the operator states; the names of what was checked.
  func check() throws -> [String] {
    var checked: [String] = []
    let (from, to) = (graph.type(of: input), graph.type(of: output))
    if node.op.keepsElements {
      #expect(from.shape.count == to.shape.count, "\(title)")
      if from.element == to.element { try expectCopy() }
      checked.append("keeps")
    }
    if from == to, node.op.isNoOp(graph.inputShapes(of: node), graph.constants(of: node)) {
      try expectCopy()
      checked.append("no-op")
    }
    let inputs = node.inputs.compactMap { $0 }.filter { graph.values[$0].constant == nil }
    switch Locality(node, inputs, in: graph) {
    case .window(let window, _):
      try expectChanges(inside: MapRegion.seen(through: window), of: [input])
      checked.append("window")
    case .pointwise:
      try expectChanges(inside: { region, _, _ in region }, of: inputs)
      checked.append("pointwise")
    case .everything: break
    }
    if node.op.isChannelwise, from.element == .float32, from.shape.rank >= 2, to.shape.rank >= 2,
      from.shape[1] == to.shape[1], from.shape.count > 0
    {
      try expectChannelsApart()
      checked.append("channelwise")
    }
    return checked
  }

  private func result(_ feeds: [String: Tensor]) throws -> Tensor { try interpret(graph, feeds)[0].tensor }

  private func expectCopy() throws {
    guard let given = feeds[graph.values[input].name] else { return }
    let result = try result(feeds)
    #expect(given.bytes.elementsEqual(result.bytes), "\(title) does not give its input back")
  }

  /// The feeds with one element of a value changed.
  private func changed(_ value: ValueID, at place: Int) -> [String: Tensor] {
    var feeds = feeds
    let name = graph.values[value].name
    guard let given = feeds[name] else { return feeds }
    let copy = Tensor(given.type, given.shape)
    copy.view.floats.baseAddress?.update(from: given.view.floats.baseAddress!, count: given.shape.count)
    copy.view.floats[place] = copy.view.floats[place].isFinite ? copy.view.floats[place] * 0.5 + 3 : 1
    feeds[name] = copy
    return feeds
  }

  /// Changes the middle and the first position of maps: nothing outside what is seen of it may change.
  private func expectChanges(
    inside seen: (MapRegion, Spatial, Spatial) -> MapRegion, of values: [ValueID]
  ) throws {
    let before = try result(feeds)
    let out = Planar(before.shape).spatial
    for value in values {
      let extent = Planar(graph.type(of: value).shape).spatial
      for (y, x) in [(0, 0), (extent.height / 2, extent.width / 2)] {
        let region = seen(MapRegion(rows: y..<y + 1, columns: x..<x + 1), extent, out)
        let after = try result(changed(value, at: y * extent.width + x))
        for index in before.view.floats.indices where !same(before, after, index) {
          let (row, column) = (index / out.width % out.height, index % out.width)
          #expect(region.rows.contains(row) && region.columns.contains(column), "\(title): \(row), \(column)")
        }
      }
    }
  }

  /// Changes a number of the first channel: the others may not change.
  private func expectChannelsApart() throws {
    let (before, after) = (try result(feeds), try result(changed(input, at: 0)))
    let inner = before.shape.dimensions[2...].reduce(1, *)
    for index in before.view.floats.indices where !same(before, after, index) {
      #expect(index / inner % before.shape[1] == 0, "\(title): \(index)")
    }
  }

  private func same(_ a: Tensor, _ b: Tensor, _ index: Int) -> Bool {
    a.view.floats[index].bitPattern == b.view.floats[index].bitPattern
  }
}

extension Tensor {
  fileprivate var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: view.pointer, count: byteCount) }
}

extension MapRegion {
  fileprivate static func seen(through window: Window) -> (MapRegion, Spatial, Spatial) -> MapRegion {
    { region, input, output in region.seen(through: window, input: input, output: output) }
  }
}
