import CKernels
import Tensors

/// A normalisation of each picture by the mean and the variance of groups of its channels.
protocol KernelGroups: Lowerable {
  var epsilon: Float { get }
  /// True: scale and bias have one number for each group, not for each channel.
  var hasGroupParameters: Bool { get }
  func groupCount(channels: Int) -> Int
}

extension GroupNormalization: KernelGroups {
  func groupCount(channels: Int) -> Int { groups }
}

extension InstanceNormalization: KernelGroups {
  var hasGroupParameters: Bool { false }
  func groupCount(channels: Int) -> Int { channels }
}

extension KernelGroups {
  var fusions: Fusions { .activation }

  /// Three steps in whatever layout the value lies: moments of each channel, factors of each channel, and their product.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    let inputs = node.baseInputs
    guard let input = inputs[0], let gamma = inputs[1], let beta = inputs[2], let output = node.outputs[0],
      builder.graph.type(of: input).shape.count > 0
    else { return false }
    let picture = builder.isBlocked(input) ? builder.picture(input) : nil
    let extent = picture?.extent(isBlocked: true) ?? fovea_extent(channelsOf: builder.graph.type(of: input).shape)
    let params = fovea_group_params(
      extent: extent, groups: Int64(groupCount(channels: Int(extent.channels))), epsilon: epsilon,
      by_group: hasGroupParameters ? 1 : 0)
    let source = try picture == nil ? builder.plain(input) : builder.blocked(input)
    let (scale, shift) = try builder.addGroupFactors(
      node, params, of: source, builder.plain(gamma), builder.plain(beta))
    let target = picture.map { builder.newBlocked(output, $0) } ?? builder.newPlain(output)
    let (isa, activation, padded) = (builder.isa.kernels, node.kernelActivation, extent.paddedChannels)
    builder.addStep(
      builder.describe(node, "factor and shift, \(builder.isa)", picture == nil ? .plain : .blocked),
      [source, scale, shift, target]
    ) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      let (factors, shifts) = (memory.floats(scale), memory.floats(shift))
      var image = extent
      image.batch = 1
      let size = padded * Int(extent.pixels)
      return kernelBody(image) { image, part, parts in
        for n in 0..<Int(extent.batch) {
          fovea_channel_affine(
            isa, image, activation, x + n * size, factors + n * padded, shifts + n * padded, y + n * size, part, parts)
        }
      }
    }
    return true
  }
}

extension fovea_extent {
  /// Channels with the padding of the blocked layout.
  fileprivate var paddedChannels: Int { Int(blocked == 0 ? channels : (channels + 15) / 16 * 16) }
}

extension PlanBuilder {
  /// Steps that find a factor and a shift for each channel of each picture.
  fileprivate mutating func addGroupFactors(
    _ node: Node, _ params: fovea_group_params, of source: Buffer, _ gamma: Buffer, _ beta: Buffer
  ) -> (scale: Buffer, shift: Buffer) {
    let byteCount = 4 * Int(params.extent.batch) * params.extent.paddedChannels
    let (mean, squares) = (allocate(byteCount: byteCount), allocate(byteCount: byteCount))
    let (scale, shift) = (allocate(byteCount: byteCount), allocate(byteCount: byteCount))
    let isa = isa.kernels
    let layout: TensorLayout = params.extent.blocked == 0 ? .plain : .blocked
    addStep(describe(node, "moments, \(self.isa)", layout), [source, mean, squares]) { memory in
      let (x, means, sums) = (memory.floats(source), memory.floats(mean), memory.floats(squares))
      return kernelBody(params.extent) { fovea_channel_moments(isa, $0, x, means, sums, $1, $2) }
    }
    addStep(describe(node, "factors", layout), [mean, squares, gamma, beta, scale, shift]) { memory in
      let (means, sums) = (memory.floats(mean), memory.floats(squares))
      let (gammas, betas) = (memory.floats(gamma), memory.floats(beta))
      let (factors, shifts) = (memory.floats(scale), memory.floats(shift))
      return kernelBody(params) { params, part, _ in
        if part == 0 { fovea_group_factors(params, means, sums, gammas, betas, factors, shifts) }
      }
    }
    return (scale, shift)
  }
}
