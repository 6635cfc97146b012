import Tensors

/// Activations that exporters write as several nodes become one: x·sigmoid(x), x·hardsigmoid(x), x·clip(x+3, 0, 6)/6,
/// clip(x+3, 0, 6)/6, x/2·(1 + erf(x/√2)), and their other orders.
func recogniseActivations(_ prepared: inout PreparedGraph) {
  for index in prepared.graph.nodes.indices {
    let matcher = ExpressionMatcher(graph: prepared.graph)
    let node = prepared.graph.nodes[index]
    guard let found = hardSigmoid(node, matcher) ?? gated(node, matcher) ?? gelu(node, matcher) else { continue }
    // A constant of more axes gives the result more axes than x has.
    guard let output = node.outputs[0], prepared.graph.type(of: found.input) == prepared.graph.type(of: output) else {
      continue
    }
    var merged = node
    (merged.op, merged.inputs) = (found.op, [found.input])
    prepared.replace(index, with: merged)
  }
}

private typealias Found = (op: any Operator, input: ValueID)

/// clip(x + 3, 0, 6) / 6, or times 1/6
private func hardSigmoid(_ node: Node, _ matcher: ExpressionMatcher) -> Found? {
  guard let (inner, factor) = matcher.scaled(node), abs(factor * 6 - 1) < 1e-6,
    let shifted = matcher.clipped(inner, from: 0, to: 6), let (x, shift) = matcher.shifted(shifted), shift == 3
  else { return nil }
  return (HardSigmoid(alpha: 1 / 6, beta: 0.5), x)
}

/// x * sigmoid(x), x * hardsigmoid(x), and (x * clip(x + 3, 0, 6)) / 6
private func gated(_ node: Node, _ matcher: ExpressionMatcher) -> Found? {
  if let (product, factor) = matcher.scaled(node), abs(factor * 6 - 1) < 1e-6,
    let inner = matcher.node(computing: product), inner.op is Mul
  {
    for (x, gate) in matcher.operandOrders(inner) {
      if let shifted = matcher.clipped(gate, from: 0, to: 6), let (y, shift) = matcher.shifted(shifted), y == x,
        shift == 3
      {
        return (HardSwish(), x)
      }
    }
  }
  guard node.op is Mul else { return nil }
  for (x, gate) in matcher.operandOrders(node) {
    guard let inner = matcher.node(computing: gate), inner.inputs[0] == x else { continue }
    if inner.op is Sigmoid { return (Swish(), x) }
    if let gate = inner.op as? HardSigmoid, abs(gate.alpha * 6 - 1) < 1e-6, gate.beta == 0.5 { return (HardSwish(), x) }
  }
  return nil
}

/// The product, in any order, of x, 1/2 and 1 + erf(x / √2)
private func gelu(_ node: Node, _ matcher: ExpressionMatcher) -> Found? {
  guard node.op is Mul else { return nil }
  let (factors, scale) = matcher.product(node)
  guard factors.count == 2, abs(scale - 0.5) < 1e-6 else { return nil }
  for (x, gate) in [(factors[0], factors[1]), (factors[1], factors[0])] {
    guard let (value, one) = matcher.shifted(gate), one == 1, let erf = matcher.node(computing: value), erf.op is Erf,
      let argument = erf.inputs[0], let inner = matcher.node(computing: argument),
      let (y, factor) = matcher.scaled(inner), y == x, abs(factor - Float(0.5).squareRoot()) < 1e-6
    else { continue }
    return (Gelu(), x)
  }
  return nil
}
