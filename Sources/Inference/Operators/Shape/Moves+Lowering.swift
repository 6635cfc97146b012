import CKernels
import Tensors

extension Transpose: Lowerable {
  /// Of elements of 4 bytes.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0] else { return false }
    let type = builder.graph.type(of: input)
    guard type.element.size == 4, type.shape.rank <= 8, type.shape.count > 0 else { return false }
    let order = permutation ?? Array((0..<type.shape.rank).reversed())
    var params = fovea_transpose_params()
    params.rank = Int32(type.shape.rank)
    withUnsafeMutableBytes(of: &params.extents) { extents in
      for (axis, extent) in type.shape.dimensions.enumerated() {
        extents.storeBytes(of: Int64(extent), toByteOffset: 8 * axis, as: Int64.self)
      }
    }
    withUnsafeMutableBytes(of: &params.permutation) { permutation in
      for (axis, source) in order.enumerated() {
        permutation.storeBytes(of: Int32(source), toByteOffset: 4 * axis, as: Int32.self)
      }
    }
    let (source, target) = (try builder.plain(input), builder.newPlain(output))
    let (isa, sizes) = (builder.isa.kernels, params)
    builder.addStep(builder.describe(node, "tiles", .plain), [source, target]) { memory in
      let (x, y) = (memory[source], memory[target])
      return kernelBody(sizes) { fovea_transpose(isa, $0, x, y, $1, $2) }
    }
    return true
  }
}

extension Split: Lowerable {
  /// Of one blocked picture along its channels at whole blocks: the outputs are parts of the input.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    let graph = builder.graph
    guard let input = node.inputs[0], let extent = builder.picture(input), builder.isBlocked(input),
      extent.batch == 1, axis == 1 || axis == 1 - graph.type(of: input).shape.rank
    else { return false }
    let parts = node.outputs.compactMap { $0.map { graph.type(of: $0).shape[1] } }
    guard parts.count == node.outputs.count, parts.allSatisfy({ $0 % 16 == 0 && $0 > 0 }) else { return false }
    var buffer = try builder.blocked(input)
    for (output, channels) in zip(node.outputs, parts) {
      if let output { builder.homes[output] = [.blocked: buffer] }
      buffer.offset += 4 * channels * extent.pixels
    }
    return true
  }
}

extension Expand: Lowerable {
  /// Of [N, C, 1, 1] to [N, C, H, W].
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let small = builder.picture(input),
      let extent = builder.picture(output), builder.graph.type(of: input).shape.rank == 4,
      builder.graph.type(of: output).shape.rank == 4, small.spatial == Spatial(1, 1), small.batch == extent.batch,
      small.channels == extent.channels
    else { return false }
    let (source, target) = (try builder.blocked(input), builder.newBlocked(output, extent))
    let isa = builder.isa.kernels
    builder.addStep(builder.describe(node, "repeated, \(builder.isa)", .blocked), [source, target]) { memory in
      let (from, to) = (memory.floats(source), memory.floats(target))
      return kernelBody(extent.extent(isBlocked: true)) { fovea_spread(isa, $0, from, to, $1, $2) }
    }
    return true
  }
}

extension ChannelGather: Lowerable {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let output = node.outputs[0], let extent = builder.picture(output) else { return false }
    let inputs = node.inputs.compactMap { $0 }
    let sources = try inputs.map { try builder.blocked($0) }
    let strides = inputs.map { Int64(Planar(builder.graph.type(of: $0).shape).blockedCount / extent.batch) }
    let target = builder.newBlocked(output, extent)
    let isa = builder.isa.kernels
    builder.addStep(builder.describe(node, "lanes, \(builder.isa)", .blocked), sources + [target]) { memory in
      let from = HeldArray(sources.map { UnsafePointer<Float>?(UnsafePointer(memory.floats($0))) })
      let inputs = HeldArray(channels.map { Int32($0.input) })
      let numbers = HeldArray(channels.map { Int32($0.channel) })
      let steps = HeldArray(strides)
      let params = fovea_gather_params(
        batch: Int32(extent.batch), channels: Int32(extent.channels), pixels: Int64(extent.pixels),
        source: inputs.pointer, channel: numbers.pointer, in_batch_strides: steps.pointer,
        out_batch_stride: Int64(extent.blockedCount / extent.batch))
      let to = memory.floats(target)
      return kernelBody(params) { params, part, parts in
        withExtendedLifetime((inputs, numbers, steps)) {
          fovea_gather_channels(isa, params, from.pointer, to, part, parts)
        }
      }
    }
    return true
  }
}
