import Inference
import Tensors
import Testing

@Suite struct SummaryTests {
  /// AlexNet's first layers as torchvision has them: conv 11x11/4 pad 2, pool 3x3/2, conv 5x5 pad 2, pool 3x3/2, conv 3x3.
  private func alexNetStart() throws -> GraphSummary {
    var values = [Value(name: "x")]
    var nodes: [Node] = []
    var last = 0
    func constant(_ shape: Shape) -> Int {
      values.append(Value(name: "w\(values.count)", constant: Tensor(.float32, shape)))
      return values.count - 1
    }
    func add(_ name: String, _ op: any Operator, _ weights: [Shape] = []) {
      let inputs = [last] + weights.map(constant)
      values.append(Value(name: name))
      last = values.count - 1
      nodes.append(Node(name: name, op: op, inputs: inputs, outputs: [last]))
    }
    func pads(_ p: Int) -> Padding { .explicit(Pads(top: p, left: p, bottom: p, right: p)) }
    let pool = MaxPool(window: Window(kernel: Spatial(3, 3), strides: Spatial(2, 2)))
    add("conv1", Conv(strides: Spatial(4, 4), padding: pads(2)), [[64, 3, 11, 11], [64]])
    add("pool1", pool)
    add("conv2", Conv(padding: pads(2)), [[192, 64, 5, 5], [192]])
    add("pool2", pool)
    add("conv3", Conv(padding: pads(1)), [[384, 192, 3, 3], [384]])
    add("global", GlobalAveragePool())
    let graph = Graph(
      name: "g", values: values, nodes: nodes,
      inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 3, 224, 224].map { .fixed($0) })],
      outputs: [last])
    return GraphSummary(try graph.specialized(inputs: [:]))
  }

  @Test func receptiveFieldsFollowTheRecurrence() throws {
    let layers = try alexNetStart().layers
    // Araujo et al. 2019 list 11, 19, 51, 67, 99 for AlexNet, with strides 4, 8, 8, 16, 16.
    #expect(layers.prefix(5).map { $0.receptiveField?.height.size } == [11, 19, 51, 67, 99])
    #expect(layers.prefix(5).map { $0.receptiveField?.width.stride } == [4, 8, 8, 16, 16])
    #expect(layers.prefix(3).map { $0.receptiveField?.width.offset } == [-2, -2, -18])
    #expect(layers[5].receptiveField?.height == FieldAxis(size: 224, stride: 0, offset: 0))
  }

  @Test func costsAreCounted() throws {
    let summary = try alexNetStart()
    #expect(summary.layers[0].parameters == 64 * 3 * 121 + 64)
    #expect(summary.layers[0].multiplyAdds == 64 * 55 * 55 * 3 * 121)
    #expect(summary.layers[0].outputShape == [1, 64, 55, 55])
    #expect(summary.layers[1].parameters == 0 && summary.layers[1].multiplyAdds == 0)
    #expect(summary.parameters == summary.layers.reduce(0) { $0 + $1.parameters })
  }

  @Test func formulasCarryTheLayersNumbers() throws {
    let layers = try alexNetStart().layers
    #expect(layers[0].explanation == "64 kernels; H and W: floor((224 + 2 + 2 - 11) / 4) + 1 = 55")
    #expect(layers[1].explanation == "H and W: floor((55 - 3) / 2) + 1 = 27")
    #expect(layers[5].explanation == "all 13 x 13 positions become one")
  }

  @Test func branchesTakeTheUnion() {
    let narrow = FieldAxis(size: 1, stride: 4, offset: 0), wide = FieldAxis(size: 9, stride: 4, offset: -4)
    #expect(narrow.union(wide) == FieldAxis(size: 9, stride: 4, offset: -4))
    #expect(wide.union(FieldAxis(size: 224, stride: 0, offset: 0)) == FieldAxis(size: 228, stride: 4, offset: -4))
    #expect(narrow.union(FieldAxis(size: 1, stride: 8, offset: 0)) == nil)
  }
}
