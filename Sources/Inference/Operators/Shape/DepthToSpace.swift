import Tensors

/// Blocks of channels become squares of pixels: [N, C·b², H, W] to [N, C, H·b, W·b]. ONNX DepthToSpace.
package struct DepthToSpace: Operator {
  /// Which of the channel's factors is outermost.
  package enum Order: String, Sendable {
    /// Row, column, then channel: c' = (row · b + column) · C + c.
    case depthColumnRow = "DCR"
    /// Channel, row, then column: c' = (c · b + row) · b + column.
    case columnRowDepth = "CRD"
  }

  package var kind: LayerKind { .shape }
  package var positionSource: PositionSource { .between }
  /// The side b of a square.
  package var blockSize: Int
  package var order: Order

  package init(blockSize: Int, order: Order = .depthColumnRow) { (self.blockSize, self.order) = (blockSize, order) }

  /// [N, C / b², H · b, W · b], of the input's type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let input = try inputs.required(0, "input").type
    guard blockSize >= 1, blockSize <= 1 << 15, input.shape.rank == 4, input.shape[1] % (blockSize * blockSize) == 0
    else { throw OperatorError("\(input.shape) has no [N, C·b², H, W] with b = \(blockSize)") }
    let (d, b) = (input.shape.dimensions, blockSize)
    return [TensorType(input.element, try checkedShape([d[0], d[1] / (b * b), d[2] * b, d[3] * b]))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let walk = blockWalk(data.shape, outputs[0].shape, blockSize, channelOutermost: order == .columnRowDepth)
    stridedCopy(walk.toSpace, size: data.type.size, to: outputs[0].pointer, from: data.pointer)
  }
}

/// Squares of pixels become blocks of channels: [N, C, H·b, W·b] to [N, C·b², H, W], row, column, then channel. ONNX
/// SpaceToDepth.
package struct SpaceToDepth: Operator {
  package var kind: LayerKind { .shape }
  package var positionSource: PositionSource { .between }
  /// The side b of a square.
  package var blockSize: Int

  package init(blockSize: Int) { self.blockSize = blockSize }

  /// [N, C · b², H / b, W / b], of the input's type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let (input, b) = (try inputs.required(0, "input").type, blockSize)
    guard b >= 1, b <= 1 << 15, input.shape.rank == 4, input.shape[2] % b == 0, input.shape[3] % b == 0 else {
      throw OperatorError("\(input.shape) has no [N, C, H·b, W·b] with b = \(b)")
    }
    let d = input.shape.dimensions
    return [TensorType(input.element, try checkedShape([d[0], d[1] * b * b, d[2] / b, d[3] / b]))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0] else { return }
    let walk = blockWalk(outputs[0].shape, data.shape, blockSize, channelOutermost: false)
    stridedCopy(walk.toDepth, size: data.type.size, to: outputs[0].pointer, from: data.pointer)
  }
}

/// Walks between `deep` [N, C·b², H, W] and `wide` [N, C, H·b, W·b].
private func blockWalk(
  _ deep: Shape, _ wide: Shape, _ b: Int, channelOutermost: Bool
) -> (toSpace: StridedWalk, toDepth: StridedWalk) {
  let (from, to) = (AxisList(stridesOf: deep), AxisList(stridesOf: wide))
  let channels = wide.dimensions[1]
  let channel = from[1] * (channelOutermost ? b * b : 1)
  let row = from[1] * (channelOutermost ? b : b * channels)
  let column = from[1] * (channelOutermost ? 1 : channels)
  var (toSpace, toDepth) = (StridedWalk(), StridedWalk())
  func append(_ extent: Int, _ deep: Int, _ wide: Int) {
    toSpace.append(extent, wide, deep)
    toDepth.append(extent, deep, wide)
  }
  append(wide.dimensions[0], from[0], to[0])
  append(channels, channel, to[1])
  append(deep.dimensions[2], from[2], to[2] * b)
  append(b, row, to[2])
  append(deep.dimensions[3], from[3], b)
  append(b, column, 1)
  return (toSpace, toDepth)
}
