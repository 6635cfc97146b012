import CKernels
import Tensors

extension BatchNormalization: Lowerable {
  var fusions: Fusions { .activation }

  /// One that no convolution took up.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let (input, affine) = ChannelAffine.of(node.base, builder.graph), let output = node.outputs[0],
      builder.graph.type(of: output).shape.count > 0
    else { return false }
    let (scale, shift) = (builder.addChannels(affine.scale), builder.addChannels(affine.shift))
    let picture = builder.picture(input)
    let extent = picture?.extent(isBlocked: true) ?? fovea_extent(channelsOf: builder.graph.type(of: input).shape)
    let source = try picture == nil ? builder.plain(input) : builder.blocked(input)
    let target = picture.map { builder.newBlocked(output, $0) } ?? builder.newPlain(output)
    let (isa, activation) = (builder.isa.kernels, node.kernelActivation)
    builder.addStep(
      builder.describe(node, "factor and shift, \(builder.isa)", picture == nil ? .plain : .blocked),
      [source, scale, shift, target]
    ) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      let (factors, shifts) = (memory.floats(scale), memory.floats(shift))
      return kernelBody(extent) { fovea_channel_affine(isa, $0, activation, x, factors, shifts, y, $1, $2) }
    }
    return true
  }
}

extension fovea_extent {
  /// A plain tensor [N, C, ...].
  init(channelsOf shape: Shape) {
    self.init(
      batch: Int64(shape[0]), channels: Int64(shape[1]), pixels: Int64(shape.dimensions[2...].reduce(1, *)), blocked: 0)
  }
}

extension LRN: Lowerable {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let extent = builder.picture(input),
      let size = Int32(exactly: size)
    else { return false }
    var params = fovea_lrn_params(
      extent: extent.extent(isBlocked: true), size: size, alpha: alpha, beta: beta, bias: bias)
    let isa = builder.isa.kernels
    let scratch = builder.addScratch(byteCount: fovea_lrn_scratch_size(isa, &params, Int32(builder.threads)))
    let (source, target, sizes) = (try builder.blocked(input), builder.newBlocked(output, extent), params)
    builder.addStep(builder.describe(node, "across channels, \(builder.isa)", .blocked), [source, scratch, target]) {
      memory in
      let (x, y, own) = (memory.floats(source), memory.floats(target), scratch.map { memory[$0] })
      return kernelBody(sizes) { fovea_lrn(isa, $0, x, y, own, $1, $2) }
    }
    return true
  }
}

extension LayerNormalization: Lowerable {
  /// With a scale and a bias that cover every normalised axis.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let gammaID = node.inputs[1],
      node.outputs.dropFirst().allSatisfy({ $0 == nil })
    else { return false }
    let graph = builder.graph
    let shape = graph.type(of: input).shape
    let columns = shape.dimensions[(axis < 0 ? axis + shape.rank : axis)...].reduce(1, *)
    let betaID = node.inputs.count > 2 ? node.inputs[2] : nil
    guard columns > 0, shape.count > 0, graph.type(of: gammaID).shape.count == columns,
      betaID.map({ graph.type(of: $0).shape.count == columns }) ?? true
    else { return false }
    let (source, gamma) = (try builder.plain(input), try builder.plain(gammaID))
    let (beta, target) = (try betaID.map { try builder.plain($0) }, builder.newPlain(output))
    let (isa, rows, epsilon) = (builder.isa.kernels, Int64(shape.count / columns), epsilon)
    builder.addStep(builder.describe(node, "rows, \(builder.isa)", .plain), [source, gamma, beta, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      let (factors, shifts) = (memory.floats(gamma), beta.map { memory.floats($0) })
      return kernelBody(rows) {
        fovea_layer_norm(isa, $0.pointee, Int64(columns), epsilon, x, factors, shifts, y, $1, $2)
      }
    }
    return true
  }
}
