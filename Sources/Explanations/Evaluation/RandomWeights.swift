import Inference
import Tensors

extension ExplainedNetwork {
  /// The same network with random weights of the same spread, for the sanity check of Adebayo et al. 2018: a map that stays
  /// what it was does not show what the network has learned.
  package func withRandomWeights(seed: Int = 1) throws -> ExplainedNetwork {
    var changed = graph
    var numbers = NormalNumbers(seed: seed)
    for node in graph.nodes where [.convolution, .linear].contains(node.op.kind) {
      for case let input? in node.inputs {
        guard let weights = graph.values[input].constant, weights.type == .float32, weights.shape.rank > 1 else {
          continue
        }
        changed.values[input].constant = Self.random(like: weights, &numbers)
      }
    }
    guard let value = graph.value(named: scores) else { return self }
    changed.outputs = [value]
    return try ExplainedNetwork(changed.specialized(inputs: [:]))
  }

  private static func random(like weights: Tensor, _ numbers: inout NormalNumbers) -> Tensor {
    let values = weights.view.floats
    var squares = 0.0
    for value in values { squares += Double(value) * Double(value) }
    let spread = (squares / Double(values.count)).squareRoot()
    return Tensor(values.map { _ in Float(spread * numbers.normal()) }, weights.shape)
  }
}
