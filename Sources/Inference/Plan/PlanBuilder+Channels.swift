import CKernels
import Tensors

extension PlanBuilder {
  /// Channels of blocked pictures brought together.
  mutating func addChannelGather(_ node: Node) throws -> Bool {
    guard let op = node.op as? ChannelGather, let output = node.outputs[0], let extent = picture(output) else {
      return false
    }
    let inputs = node.inputs.compactMap { $0 }
    let sources = try inputs.map { try blocked($0) }
    let strides = inputs.map { Int64(Planar(graph.type(of: $0).shape).blockedCount / extent.batch) }
    let target = newBlocked(output, extent)
    let isa = isa.kernels
    addStep(describe(node, "lanes, \(self.isa.rawValue)", .blocked), sources + [target]) { memory in
      let from = HeldArray(sources.map { UnsafePointer<Float>?(UnsafePointer(memory.floats($0))) })
      let whose = HeldArray(op.channels.map { Int32($0.input) })
      let which = HeldArray(op.channels.map { Int32($0.channel) })
      let steps = HeldArray(strides)
      let params = fovea_gather_params(
        batch: Int32(extent.batch), channels: Int32(extent.channels), pixels: Int64(extent.pixels),
        source: whose.pointer, channel: which.pointer, in_batch_strides: steps.pointer,
        out_batch_stride: Int64(extent.blockedCount / extent.batch))
      let to = memory.floats(target)
      return kernelBody(params) { params, part, parts in
        withExtendedLifetime((whose, which, steps)) {
          fovea_gather_channels(isa, params, from.pointer, to, part, parts)
        }
      }
    }
    return true
  }
}
