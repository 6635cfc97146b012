import Tensors

/// The small end of a network behind its last layers with weights: what becomes of the class scores before they are the output.
///
/// It is computed with the operators' references on numbers of the caller's choice, so that what the output holds is seen in its values,
/// whatever operators it is made of.
struct ScoreTail {
  /// In the order of computation.
  let nodes: [Node]
  /// The values that it starts from, in the order in which they were met.
  let entries: [ValueID]
  let output: ValueID
  private let graph: Graph

  /// Values of more elements are not class scores any more.
  private static let largestValue = 1 << 16
  private static let mostNodes = 256
  /// A product of probabilities with a small matrix, which groups classes, has fewer multiply-adds.
  private static let smallProduct = 1 << 20

  /// - Parameter passesProducts: small products with a matrix are a part of the tail; false: it starts behind them.
  init(_ graph: Graph, to output: ValueID, passesProducts: Bool = false) {
    let producers = graph.producers()
    var (taken, entries, waiting, seen) = (Set<Int>(), [ValueID](), [output], Set<ValueID>())
    while let value = waiting.popLast() {
      guard graph.values[value].constant == nil, seen.insert(value).inserted else { continue }
      guard let index = producers[value], taken.count < Self.mostNodes || taken.contains(index),
        Self.belongs(graph.nodes[index], graph, passesProducts)
      else {
        entries.append(value)
        continue
      }
      taken.insert(index)
      waiting += graph.nodes[index].inputs.compactMap { $0 }
    }
    (self.graph, self.output, self.entries) = (graph, output, entries)
    nodes = taken.sorted().map { graph.nodes[$0] }
  }

  private static func belongs(_ node: Node, _ graph: Graph, _ passesProducts: Bool) -> Bool {
    let shapes = graph.inputShapes(of: node)
    let outputs = node.outputs.compactMap { $0 }
    let computed = node.inputs.compactMap { $0 }.filter { graph.values[$0].constant == nil }
    let isSmall = (computed + outputs).allSatisfy { (graph.values[$0].type?.shape.count ?? .max) <= largestValue }
    guard isSmall, node.op.window(shapes) == nil else { return false }
    switch node.op.kind {
    case .convolution: return false
    case .linear:
      guard passesProducts, let output = node.outputs.first ?? nil else { return false }
      return node.op.multiplyAdds(graph.inputShapes(of: node), graph.type(of: output).shape) <= smallProduct
    default: return true
    }
  }

  /// The output's numbers where each entry holds numbers of `fill`; nil where the tail cannot be computed so.
  func values(_ fill: (Int) -> Float) -> [Float]? {
    var known: [ValueID: Tensor] = [:]
    for entry in entries {
      let type = graph.type(of: entry)
      guard type.element == .float32 else { return nil }
      let tensor = Tensor(.float32, type.shape)
      for index in 0..<type.shape.count { tensor.view.floats[index] = fill(index) }
      known[entry] = tensor
    }
    for node in nodes { guard compute(node, &known) else { return nil } }
    guard let result = known[output], result.type == .float32 else { return nil }
    return withExtendedLifetime(result) { Array(result.view.floats) }
  }

  /// Rounding to whole numbers is left out: between QuantizeLinear and DequantizeLinear the real numbers go on.
  private func compute(_ node: Node, _ known: inout [ValueID: Tensor]) -> Bool {
    let inputs = node.inputs.map { input in input.flatMap { graph.values[$0].constant ?? known[$0] } }
    if node.op.isRounding, let first = inputs.first ?? nil, first.type == .float32, let output = node.outputs[0] {
      known[output] = first
      return true
    }
    let described = zip(node.inputs, inputs).map { id, tensor in
      tensor.map { OperatorInput(TensorType($0.type, $0.shape), constant: id.flatMap { graph.values[$0].constant }) }
    }
    guard zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }),
      let types = try? node.op.outputTypes(for: described)
    else { return false }
    let results = types.map { Tensor($0.element, $0.shape) }
    withExtendedLifetime((inputs, results)) { node.op.forward(inputs.map { $0?.view }, results.map(\.view)) }
    for (output, result) in zip(node.outputs, results) { if let output { known[output] = result } }
    return true
  }
}
