import Tensors

/// Reads small expressions of a graph: sums and products with constants.
struct ExpressionMatcher {
  let graph: Graph
  private let producers: [Int?]

  init(graph: Graph) { (self.graph, producers) = (graph, graph.producers()) }

  /// The node that computes a value.
  func node(computing value: ValueID) -> Node? { producers[value].map { graph.nodes[$0] } }

  /// Both inputs of a binary node, in both orders, when they differ.
  func operandOrders(_ node: Node) -> [(ValueID, ValueID)] {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return [] }
    return [(a, b), (b, a)]
  }

  /// x and c of x * c, c * x or x / c.
  func scaled(_ node: Node) -> (ValueID, Float)? {
    if node.op is Div, let x = node.inputs[0], let divisor = graph.number(node.inputs[1]) { return (x, 1 / divisor) }
    guard node.op is Mul else { return nil }
    return operandOrders(node).lazy.compactMap { x, c in graph.number(c).map { (x, $0) } }.first
  }

  /// x and c of a value computed as x + c, c + x or x - c.
  func shifted(_ value: ValueID) -> (ValueID, Float)? {
    guard let node = node(computing: value) else { return nil }
    if node.op is Sub, let x = node.inputs[0], let c = graph.number(node.inputs[1]) { return (x, -c) }
    guard node.op is Add else { return nil }
    return operandOrders(node).lazy.compactMap { x, c in graph.number(c).map { (x, $0) } }.first
  }

  /// x of a value computed as clip(x, low, high).
  func clipped(_ value: ValueID, from low: Float, to high: Float) -> ValueID? {
    guard let node = node(computing: value), let clip = node.op as? Clip,
      let bounds = clip.bounds(node, graph), bounds == (low, high)
    else { return nil }
    return node.inputs[0]
  }

  /// The factors of a product that is spread over several Mul and Div nodes, numbers multiplied together.
  func product(_ node: Node) -> (factors: [ValueID], scale: Float) {
    var (factors, scale) = ([ValueID](), Float(1))
    func add(_ node: Node, _ depth: Int) {
      if let (x, factor) = scaled(node) {
        scale *= factor
        addValue(x, depth)
      } else {
        for case let input? in node.inputs { addValue(input, depth) }
      }
    }
    func addValue(_ value: ValueID, _ depth: Int) {
      if depth < 3, let inner = self.node(computing: value), inner.op is Mul || scaled(inner) != nil {
        add(inner, depth + 1)
      } else {
        factors.append(value)
      }
    }
    add(node, 0)
    return (factors, scale)
  }
}
