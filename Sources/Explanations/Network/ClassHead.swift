import Inference
import Tensors

/// The end of a network whose scores are a linear function of the mean of each channel of a layer.
struct ClassHead {
  /// The ONNX name of the layer that is averaged.
  let layer: String
  let channels: Int
  /// The weight of a channel for a class is `weights[c * classStride + k * channelStride]`; nil where the mean of
  /// channel c is the score of class c itself.
  let weights: Tensor?
  let classStride: Int, channelStride: Int

  /// nil when the network ends in another way.
  init?(_ network: ExplainedNetwork) {
    guard let scores = network.graph.value(named: network.scores) else { return nil }
    var walk = Walk(network: network, value: scores)
    var linear: (weights: Tensor, classStride: Int, channelStride: Int)?
    walk.skipKeptElements(orBias: true)
    if !walk.isAtGlobalMean {
      guard let node = walk.node, let found = Self.linear(node, network) else { return nil }
      linear = found
      walk.step()
      walk.skipKeptElements(orBias: false)
    }
    guard walk.isAtGlobalMean else { return nil }
    walk.step()
    guard network.isMap(walk.value), let extent = network.layout(of: network.graph.values[walk.value].name)?.extent
    else {
      return nil
    }
    layer = network.graph.values[walk.value].name
    channels = extent.channels
    guard linear.map({ $0.weights.shape.count == extent.channels * network.classes }) ?? (channels == network.classes)
    else { return nil }
    weights = linear?.weights
    (classStride, channelStride) = (linear?.classStride ?? 0, linear?.channelStride ?? 0)
  }

  /// The weights of the channels' means for a target of class scores, divided by a number.
  func weights(of choice: TargetChoice, by divisor: Float, into sums: FloatBuffer) {
    sums.values.update(repeating: 0)
    guard case .classes(let index, let other) = choice else { return }
    addWeights(of: index, times: 1 / divisor, to: sums)
    if let other { addWeights(of: other, times: -1 / divisor, to: sums) }
  }

  /// Adds `factor` times the weights of a class.
  private func addWeights(of index: Int, times factor: Float, to sums: FloatBuffer) {
    guard let weights else {
      sums[index] += factor
      return
    }
    let values = weights.view.floats
    for k in 0..<channels { sums[k] += factor * values[index * classStride + k * channelStride] }
  }

  /// The weights of a matrix product or a 1x1 convolution on a single position.
  private static func linear(
    _ node: Node, _ network: ExplainedNetwork
  ) -> (weights: Tensor, classStride: Int, channelStride: Int)? {
    guard node.inputs.count >= 2, let id = node.inputs[1], let weights = network.graph.values[id].constant,
      weights.type == .float32
    else { return nil }
    let shape = weights.shape
    switch node.op {
    case let gemm as Gemm where !gemm.transposeA && gemm.alpha == 1 && shape.rank == 2:
      return gemm.transposeB ? (weights, shape[1], 1) : (weights, 1, shape[1])
    case is MatMul where shape.rank == 2: return (weights, 1, shape[1])
    case is Conv where shape.rank == 4 && shape[2] * shape[3] == 1: return (weights, shape[1], 1)
    default: return nil
    }
  }
}

/// Goes from a value back to what it was computed from.
private struct Walk {
  let network: ExplainedNetwork
  var value: ValueID

  var node: Node? { network.producers[value].map { network.graph.nodes[$0] } }

  mutating func step() {
    if let input = node?.inputs.first ?? nil { value = input }
  }

  /// Goes past operators that keep the elements, and past the addition of a constant where that is a bias.
  mutating func skipKeptElements(orBias: Bool) {
    while let node, let first = node.inputs.first ?? nil {
      let isConstantSum =
        orBias && node.op is Add && node.inputs.count == 2
        && (node.inputs[1].map { network.graph.values[$0].constant != nil } ?? false)
      guard node.op.keepsElements || isConstantSum || movesNothing(node, first), !isAtGlobalMean else { return }
      value = first
    }
  }

  /// As a Transpose that only moves axes of extent 1.
  private func movesNothing(_ node: Node, _ input: ValueID) -> Bool {
    node.op.kind == .shape
      && network.graph.values[input].type?.shape.count == network.graph.values[value].type?.shape.count
      && node.op.isNoOp(
        node.inputs.map { $0.flatMap { network.graph.values[$0].type?.shape } ?? [] },
        node.inputs.map { $0.flatMap { network.graph.values[$0].constant } })
  }

  /// The value is the mean of each channel over all positions, whatever the order of the axes.
  var isAtGlobalMean: Bool {
    guard let node, node.op.isMean, let input = node.inputs.first ?? nil,
      let to = network.graph.values[value].type?.shape, network.isMap(input),
      let extent = network.layout(of: network.graph.values[input].name)?.extent
    else { return false }
    return to.count == extent.channels && extent.isSpatial && !network.isMap(value)
  }
}
