import Tensors

/// Batch normalisation, and products and sums with one constant for each channel, go into the weights and the bias of the
/// convolution or fully connected layer before them: `s (w * x + b) + t = (s w) * x + (s b + t)`.
func foldChannelFactors(_ prepared: inout PreparedGraph) {
  let uses = prepared.graph.consumers().map(\.count)
  let outputs = Set(prepared.graph.outputs)
  var producers = prepared.graph.producers()
  for index in prepared.graph.nodes.indices {
    let node = prepared.graph.nodes[index]
    guard let (input, affine) = ChannelAffine.of(node, prepared.graph), uses[input] == 1, !outputs.contains(input),
      let producer = producers[input], let output = node.outputs[0],
      let folded = fold(affine, of: node, into: prepared.graph.nodes[producer], &prepared)
    else { continue }
    var merged = folded
    merged.name = prepared.graph.nodes[producer].name
    merged.outputs = [output]
    prepared.replace(index, with: merged)
    producers[output] = index
  }
}

/// y = scale[c] * x + shift[c]
struct ChannelAffine {
  var scale: [Double], shift: [Double]

  /// What a node does, and to which value, when that is all it does; nil otherwise.
  static func of(_ node: Node, _ graph: Graph) -> (ValueID, ChannelAffine)? {
    guard let output = node.outputs.first.flatMap({ $0 }) else { return nil }
    let type = graph.type(of: output)
    guard type.element == .float32, type.shape.rank >= 2 else { return nil }
    if let norm = node.op as? BatchNormalization { return batchNormalization(norm, node, graph) }
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return nil }
    for (x, c, isSwapped) in [(a, b, false), (b, a, true)] {
      guard graph.type(of: x) == type, let constant = channelConstant(c, type.shape, graph) else { continue }
      let (zeros, ones) = (constant.map { _ in 0.0 }, constant.map { _ in 1.0 })
      switch node.op {
      case is Add: return (x, ChannelAffine(scale: ones, shift: constant))
      case is Mul: return (x, ChannelAffine(scale: constant, shift: zeros))
      case is Sub where !isSwapped: return (x, ChannelAffine(scale: ones, shift: constant.map { -$0 }))
      case is Div where !isSwapped: return (x, ChannelAffine(scale: constant.map { 1 / $0 }, shift: zeros))
      default: return nil
      }
    }
    return nil
  }

  private static func batchNormalization(
    _ norm: BatchNormalization, _ node: Node, _ graph: Graph
  ) -> (ValueID, ChannelAffine)? {
    let parameters = node.inputs.dropFirst().compactMap { $0.flatMap { graph.values[$0].constant?.view.floats } }
    guard let input = node.inputs[0], parameters.count == 4 else { return nil }
    let scale = zip(parameters[0], parameters[3]).map {
      Double($0) / (Double($1) + Double(norm.epsilon)).squareRoot()
    }
    let shift = scale.indices.map { Double(parameters[1][$0]) - Double(parameters[2][$0]) * scale[$0] }
    return (input, ChannelAffine(scale: scale, shift: shift))
  }

  /// One number for each channel (axis 1) of `shape`, from a constant that broadcasts along every other axis.
  static func channelConstant(_ value: ValueID, _ shape: Shape, _ graph: Graph) -> [Double]? {
    guard let constant = graph.values[value].constant, constant.type == .float32 else { return nil }
    let elements = constant.view.floats
    if constant.shape.count == 1 { return Array(repeating: Double(elements[0]), count: shape[1]) }
    let axis = 1 - (shape.rank - constant.shape.rank)
    guard axis >= 0, constant.shape.rank <= shape.rank, constant.shape[axis] == shape[1],
      constant.shape.count == shape[1]
    else { return nil }
    return elements.map(Double.init)
  }
}

/// The node with the affine map of another node applied to what it computes; nil when it is no layer with constant weights.
private func fold(
  _ affine: ChannelAffine, of factors: Node, into node: Node, _ prepared: inout PreparedGraph
) -> Node? {
  let graph = prepared.graph
  guard affine.scale.allSatisfy(\.isFinite), affine.shift.allSatisfy(\.isFinite), node.inputs.count >= 2,
    let weightsID = node.inputs[1], let weights = graph.values[weightsID].constant, weights.type == .float32,
    let channel = outputChannel(node, weights.shape, affine.scale.count)
  else { return nil }
  let bias = node.inputs.count > 2 ? node.inputs[2] : nil
  let oldBias = bias.flatMap { graph.values[$0].constant }
  guard bias == nil || (oldBias?.type == .float32 && oldBias?.shape == [affine.scale.count]),
    (node.op as? Gemm)?.beta ?? 1 == 1
  else { return nil }
  // The same tensors give the same results, in whatever variant of the network and after whatever other parameters have changed.
  let sources = factors.inputs.compactMap { $0.flatMap { graph.values[$0].constant } }
  // Of a batch normalisation's constants (scale, bias, mean, variance) two make the factors.
  let scaling = factors.op is BatchNormalization ? [sources[0], sources[3]] : sources
  let purpose = factors.outputs[0].map { graph.values[$0].name } ?? ""
  var result = node
  if !affine.scale.allSatisfy({ $0 == 1 }) {
    let scaled = prepared.derived.made(of: [weights] + scaling, "scaled for \(purpose)") {
      affine.scaled(weights, channel)
    }
    result.inputs[1] = prepared.graph.addConstant(scaled, like: weightsID)
  }
  let newBias = prepared.derived.made(of: sources + (oldBias.map { [$0] } ?? []), "bias for \(purpose)") {
    affine.bias(oldBias)
  }
  let biasID = prepared.graph.addConstant(newBias, like: weightsID)
  result.inputs = Array(result.inputs.prefix(2)) + [biasID]
  return result
}

extension ChannelAffine {
  /// The weights of a layer with the factors applied to its output.
  /// - Parameter channel: the output channel that an element of the weights contributes to.
  fileprivate func scaled(_ weights: Tensor, _ channel: (Int) -> Int) -> Tensor {
    let scaled = Tensor(.float32, weights.shape)
    let (from, to) = (weights.view.floats, scaled.view.floats)
    for i in from.indices { to[i] = Float(Double(from[i]) * scale[channel(i)]) }
    weights.storage.relinquish()
    return scaled
  }

  /// The bias of that layer.
  fileprivate func bias(_ old: Tensor?) -> Tensor {
    let elements = shift.indices.map { Float(scale[$0] * Double(old?.view.floats[$0] ?? 0) + shift[$0]) }
    return Tensor(elements, [elements.count])
  }
}

/// For an element of the weights, the output channel that it contributes to.
private func outputChannel(_ node: Node, _ shape: Shape, _ channels: Int) -> ((Int) -> Int)? {
  let strides = shape.strides
  switch node.op {
  case is Conv: return shape[0] == channels ? { $0 / strides[0] } : nil
  case let conv as ConvTranspose:
    let perGroup = shape[1]
    guard perGroup * conv.groups == channels, shape[0] % conv.groups == 0 else { return nil }
    let inputsPerGroup = shape[0] / conv.groups
    return { $0 / strides[0] / inputsPerGroup * perGroup + $0 / strides[1] % perGroup }
  case let gemm as Gemm:
    let axis = gemm.transposeB ? 0 : 1
    return shape.rank == 2 && shape[axis] == channels ? { $0 / strides[axis] % channels } : nil
  default: return nil
  }
}

extension Graph {
  /// A new constant, named after the value that it replaces.
  mutating func addConstant(_ constant: Tensor, like old: ValueID) -> ValueID {
    let type = TensorType(constant.type, constant.shape)
    values.append(Value(name: "\(values[old].name)#\(values.count)", type: type, constant: constant))
    return values.count - 1
  }
}
