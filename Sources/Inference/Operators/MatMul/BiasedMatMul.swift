import Tensors

/// x [..., K] times constant weights [K, N], plus bias [N].
struct BiasedMatMul: Operator {
  let name = "MatMul+Add"

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try MatMul().outputTypes(for: Array(inputs.prefix(2)))
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    MatMul().forward(Array(inputs.prefix(2)), outputs)
    guard let bias = inputs[2]?.floats else { return }
    let y = outputs[0].floats
    for i in y.indices { y[i] += bias[i % bias.count] }
  }
}
