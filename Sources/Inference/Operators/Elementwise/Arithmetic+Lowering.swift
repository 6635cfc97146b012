import CKernels
import Tensors

/// An operator that combines two float32 values element by element, as the kernels know it.
protocol KernelBinary: Lowerable {
  var binaryKind: fovea_binary_kind { get }
}

extension KernelBinary {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool { try addBinary(node, to: &builder) }

  /// One step where a kernel knows how the shapes meet.
  func addBinary(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    let (inputs, graph) = (node.baseInputs, builder.graph)
    guard inputs.count == 2, let a = inputs[0], let b = inputs[1], let output = node.outputs[0],
      [a, b, output].allSatisfy({ graph.type(of: $0).element == .float32 }), graph.type(of: output).shape.count > 0
    else { return false }
    for (x, other, isSwapped) in [(a, b, false), (b, a, true)] where !(isSwapped && binaryKind == FOVEA_PRELU) {
      guard graph.type(of: x).shape == graph.type(of: output).shape else { continue }
      let meeting = BinaryMeeting(
        node: node, x: x, other: other, output: output, kind: binaryKind, isSwapped: isSwapped)
      if try meeting.addBlockedStep(to: &builder) { return true }
      if try meeting.addPlainStep(to: &builder) { return true }
    }
    return try addBroadcast(node, a, b, output, to: &builder)
  }

  /// Each operand may repeat along some axes.
  private func addBroadcast(
    _ node: Node, _ a: ValueID, _ b: ValueID, _ output: ValueID, to builder: inout PlanBuilder
  ) throws -> Bool {
    let graph = builder.graph
    let shapes = [output, a, b].map { graph.type(of: $0).shape }
    guard shapes.allSatisfy({ $0.rank <= 8 }),
      let params = fovea_binary_axes_params(shapes[0], shapes[1], shapes[2], binaryKind, node.kernelActivation)
    else { return false }
    let (left, right, target) = (try builder.plain(a), try builder.plain(b), builder.newPlain(output))
    let isa = builder.isa.kernels
    builder.addStep(builder.describe(node, "vector, \(builder.isa)", .plain), [left, right, target]) { memory in
      let (x, y, z) = (memory.floats(left), memory.floats(right), memory.floats(target))
      return kernelBody(params) { fovea_binary_axes(isa, $0, x, y, z, $1, $2) }
    }
    return true
  }
}

extension Add: KernelBinary {
  var binaryKind: fovea_binary_kind { FOVEA_ADD }
  var fusions: Fusions { .activation }
}
extension Sub: KernelBinary {
  var binaryKind: fovea_binary_kind { FOVEA_SUB }
  var fusions: Fusions { .activation }
}
extension Mul: KernelBinary {
  var binaryKind: fovea_binary_kind { FOVEA_MUL }
  var fusions: Fusions { .activation }
}
extension Div: KernelBinary {
  var binaryKind: fovea_binary_kind { FOVEA_DIV }
  var fusions: Fusions { .activation }
}
extension Sum: KernelBinary { var binaryKind: fovea_binary_kind { FOVEA_ADD } }
extension Min: KernelBinary { var binaryKind: fovea_binary_kind { FOVEA_MIN } }
extension Max: KernelBinary { var binaryKind: fovea_binary_kind { FOVEA_MAX } }
extension PRelu: KernelBinary { var binaryKind: fovea_binary_kind { FOVEA_PRELU } }

/// Two values, the first of which has the output's shape.
private struct BinaryMeeting {
  var node: Node
  var x: ValueID, other: ValueID, output: ValueID
  var kind: fovea_binary_kind
  var isSwapped: Bool

  func addBlockedStep(to builder: inout PlanBuilder) throws -> Bool {
    guard let extent = builder.picture(x), builder.isBlocked(x) || builder.isBlocked(other) else { return false }
    let graph = builder.graph
    let (shape, otherShape) = (graph.type(of: x).shape, graph.type(of: other).shape)
    let picture = builder.picture(other).flatMap {
      otherShape.rank == shape.rank && $0.batch == extent.batch ? $0 : nil
    }
    let (broadcast, second): (fovea_broadcast, Buffer)
    if otherShape == shape {
      guard graph.values[other].constant == nil else { return false }
      (broadcast, second) = (FOVEA_SAME, try builder.blocked(other))
    } else if otherShape.count == 1 {
      (broadcast, second) = (FOVEA_SCALAR_B, try builder.plain(other))
    } else if ChannelAffine.channelConstant(other, shape, graph) != nil {
      (broadcast, second) = (FOVEA_CHANNEL, builder.paddedConstant(other, channels: extent.channels))
    } else if let picture, picture.spatial == Spatial(1, 1), picture.channels == extent.channels {
      (broadcast, second) = (FOVEA_CHANNEL_BATCH, try builder.blocked(other))
    } else if let picture, picture.channels == 1, picture.spatial == extent.spatial {
      (broadcast, second) = (FOVEA_PIXEL, try builder.plain(other))
    } else {
      return false
    }
    let source = try builder.blocked(x)
    addStep(
      extent.extent(isBlocked: true), broadcast, .blocked, source, second, builder.newBlocked(output, extent),
      to: &builder)
    return true
  }

  /// Of one shape, or with a single number.
  func addPlainStep(to builder: inout PlanBuilder) throws -> Bool {
    let (shape, otherShape) = (builder.graph.type(of: x).shape, builder.graph.type(of: other).shape)
    let extent = fovea_extent(batch: 1, channels: 1, pixels: Int64(shape.count), blocked: 0)
    let broadcast: fovea_broadcast
    if otherShape == shape {
      broadcast = FOVEA_SAME
    } else if otherShape.count == 1 {
      broadcast = FOVEA_SCALAR_B
    } else {
      return false
    }
    let (source, second) = (try builder.plain(x), try builder.plain(other))
    addStep(extent, broadcast, .plain, source, second, builder.newPlain(output), to: &builder)
    return true
  }

  private func addStep(
    _ extent: fovea_extent, _ broadcast: fovea_broadcast, _ layout: TensorLayout, _ source: Buffer, _ second: Buffer,
    _ target: Buffer, to builder: inout PlanBuilder
  ) {
    let params = fovea_binary_params(
      extent: extent, kind: kind, broadcast: broadcast, swapped: isSwapped ? 1 : 0, activation: node.kernelActivation)
    let isa = builder.isa.kernels
    builder.addStep(builder.describe(node, "vector, \(builder.isa)", layout), [source, second, target]) { memory in
      let (x, y, z) = (memory.floats(source), memory.floats(second), memory.floats(target))
      return kernelBody(params) { fovea_binary(isa, $0, x, y, z, $1, $2) }
    }
  }
}
