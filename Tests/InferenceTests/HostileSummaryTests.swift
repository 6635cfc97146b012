import Inference
import Tensors
import Testing

@Suite struct HostileSummaryTests {
  /// Strides whose product leaves 64 bits.
  @Test func absurdStridesDoNotOverflow() throws {
    let stride = Spatial(1 << 16, 1 << 16)
    let op = AveragePool(window: Window(kernel: Spatial(1, 1), strides: stride))
    var values = [Value(name: "x")]
    var nodes: [Node] = []
    for index in 0..<6 {
      values.append(Value(name: "y\(index)"))
      nodes.append(Node(name: "n\(index)", op: op, inputs: [index], outputs: [index + 1]))
    }
    let graph = Graph(
      name: "g", values: values, nodes: nodes,
      inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 1, 8, 8].map { .fixed($0) })], outputs: [6])
    let summary = GraphSummary(try graph.specialized(inputs: [:]))
    #expect(summary.layers[1].receptiveField?.width.stride == 1 << 32)
    #expect(summary.layers[5].receptiveField?.width.stride == 1 << 60)
  }
}
